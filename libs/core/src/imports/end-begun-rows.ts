import type { ImageId } from '../ids.ts'
import { pause } from '../lead.ts'
import type { NamedRow } from '../ports/import-store.ts'
import type { Waiting } from '../ports/waiting.ts'
import { enrolledByRow } from './enrolled-by-row.ts'
import { dropPictures, stagedOf } from './erase-import.ts'
import type { Import } from './import.ts'
import { type ImportRow, namedRow } from './import-row.ts'
import type { ImporterDeps, ImporterOptions } from './importer.ts'
import type { RowWork } from './person-of-row.ts'
import type { RowOutcome } from './row-outcome.ts'

export type EndBegunDeps = Pick<ImporterDeps, 'gallery' | 'imports' | 'staged'>

export interface EndBegunOptions {
  readonly onRow?: ImporterOptions['onRow'] | undefined
  /** A worker that was told to let go of a row may be at its last writes for so long. */
  readonly settleMs: number
}

/** Claims that run out by themselves if this process dies. */
const LEASE_MS = 20_000
const MOST_ROWS = 200

/**
 * Ends rows of a cancelled import that were claimed before and that nobody works on: one whose picture was enrolled by then, by a
 * process that ended before it could tell, is `enrolled`, and of the others nothing is enrolled any more. Answers how many rows it took; 0: none is left.
 */
export async function endBegunRows(
  deps: EndBegunDeps,
  { made, onRow, settleMs }: EndBegunOptions & { readonly made: Import },
  waiting: { readonly signal: AbortSignal },
): Promise<number> {
  const { gallery, imports } = deps
  const { id, policies } = made
  const holder = gallery.newId()
  const newImageIds = Array.from({ length: MOST_ROWS }, () => gallery.newId() as ImageId)
  const rows = await imports.rows.claim({ id, holder, leaseMs: LEASE_MS, newImageIds }, waiting)
  if (rows.length === 0) return 0
  await pause(settleMs, waiting.signal)
  const ended: { readonly row: ImportRow; readonly outcome: RowOutcome }[] = []
  const unsettled: NamedRow[] = []
  for (const row of rows) {
    const outcome = await outcomeOf(deps, { row, policies }, waiting)
    if (outcome === null) unsettled.push(namedRow(row))
    else ended.push({ row, outcome })
  }
  if (unsettled.length > 0) await imports.rows.release({ id, holder, rows: unsettled }, waiting)
  const outcomes = ended.map(({ row, outcome }) => ({ ...namedRow(row), outcome }))
  const written = new Set(await imports.rows.end({ id, holder, rows: outcomes }, waiting))
  const mine = ended.filter(({ row }) => written.has(row.position))
  for (const { outcome } of mine) onRow?.(outcome.kind)
  await dropPictures(
    deps,
    mine.flatMap(({ row }) => stagedOf(row)),
    waiting,
  )
  return rows.length
}

/** Null: the reconciler has yet to finish its image, or to take it back. */
async function outcomeOf(
  { gallery }: Pick<EndBegunDeps, 'gallery'>,
  work: Pick<RowWork, 'row' | 'policies'>,
  waiting: Waiting,
): Promise<RowOutcome | null> {
  // Its record cannot be read.
  if (work.row.outcome !== null) return work.row.outcome
  const before = await enrolledByRow(gallery, work, waiting)
  if (before.is === 'unsettled') return null
  return before.is === 'enrolled' ? before.outcome : { kind: 'cancelled' }
}
