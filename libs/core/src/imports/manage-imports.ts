import type { GalleryPorts } from '../gallery-ports.ts'
import { findLiveGroups } from '../groups/live-groups.ts'
import type { GroupId, ImportId } from '../ids.ts'
import type { ImportStore, RetryQuery } from '../ports/import-store.ts'
import type { Waiting } from '../ports/waiting.ts'
import { findImport } from './find-import.ts'
import { goOn } from './go-on.ts'
import type { Import, ImportChanges } from './import.ts'

export interface ImportDeps {
  readonly gallery: Pick<GalleryPorts, 'records' | 'clock'>
  readonly imports: ImportStore
}

export type ImportDraft = Pick<Import, 'id' | 'name' | 'policies' | 'groups'>

export type MakeImportOutcome =
  | { readonly outcome: 'made'; readonly import: Import }
  | { readonly outcome: 'unknown-groups'; readonly groups: readonly GroupId[] }

/** Makes an import that is open for rows. A call that is repeated answers what the first one made. */
export async function makeImport(
  { gallery, imports }: ImportDeps,
  draft: ImportDraft,
  waiting?: Waiting,
): Promise<MakeImportOutcome> {
  const groups = [...new Set(draft.groups)]
  const live = await findLiveGroups(gallery, groups, waiting)
  const unknown = groups.filter((id) => !live.has(id))
  if (unknown.length > 0) return { outcome: 'unknown-groups', groups: unknown }
  const now = gallery.clock.now()
  const times = {
    createdAt: now,
    updatedAt: now,
    endedAt: null,
    heldUp: null,
    source: null,
    erasesPersons: false,
  }
  const made: Import = { ...draft, groups, state: 'open', takesRows: true, ...times, rev: 1 }
  const isNew = await imports.records.insert(made, waiting)
  const earlier = isNew ? null : await imports.records.find(draft.id, waiting)
  return { outcome: 'made', import: earlier ?? made }
}

/** `close`: all rows are in, or will be once its source has been read. */
export type ImportAction = 'close' | 'pause' | 'resume' | 'cancel' | 'delete'

export type ChangeImportOutcome =
  | { readonly outcome: 'changed'; readonly import: Import }
  | { readonly outcome: 'import-not-found' }
  /** An import in this state cannot be changed so. */
  | { readonly outcome: 'not-possible'; readonly state: Import['state'] }

/** Changes the state of an import. What it is already is no change, and no fault. */
export async function changeImport(
  { gallery, imports }: ImportDeps,
  change: { readonly id: ImportId; readonly action: ImportAction },
  waiting?: Waiting,
): Promise<ChangeImportOutcome> {
  for (;;) {
    const before = await findImport(imports, change.id, waiting)
    if (before === null) return { outcome: 'import-not-found' }
    const next = ACTIONS[change.action](before)
    if (next === null) return { outcome: 'not-possible', state: before.state }
    const now = gallery.clock.now()
    const after = await imports.records.update(before, { ...next, updatedAt: now }, waiting)
    if (after !== null) return { outcome: 'changed', import: after }
  }
}

/**
 * Has an import deleted; the persons whom it made stay. One whose record is damaged goes at once with its rows, and its staged
 * pictures are swept. False: there is none.
 */
export async function deleteImport(deps: ImportDeps, id: ImportId, waiting?: Waiting): Promise<boolean> {
  const { outcome } = await changeImport(deps, { id, action: 'delete' }, waiting)
  if (outcome !== 'import-not-found') return true
  const { records } = deps.imports
  if (!(await records.isUnreadable(id, waiting))) return false
  await records.forget(id, waiting)
  return true
}

type Next = Pick<ImportChanges, 'state' | 'takesRows' | 'source'> | null

const hasEnded = ({ state }: Import) => state === 'done' || state === 'cancelled'

const ACTIONS: Readonly<Record<ImportAction, (before: Import) => Next>> = {
  close: (before) => {
    if (before.state === 'cancelled') return null
    // More rows are to come from the source: it is closed once they are in.
    if (before.source?.state === 'reading') return { source: { ...before.source, closes: true } }
    return { state: before.state === 'open' ? 'running' : before.state, takesRows: false }
  },
  pause: (before) => (hasEnded(before) ? null : { state: 'paused' }),
  resume: (before) => {
    if (hasEnded(before)) return null
    return { state: before.takesRows ? 'open' : 'running' }
  },
  cancel: (before) => {
    if (before.state === 'done') return null
    const { source } = before
    const why = 'the import was cancelled before all was read'
    const given = { state: 'failed', cursor: null, why } as const
    const left = source?.state === 'reading' ? { source: { ...source, ...given } } : {}
    return { state: 'cancelled', takesRows: false, ...left }
  },
  delete: () => ({ state: 'deleting', takesRows: false }),
}

export type RetryOutcome =
  | { readonly outcome: 'retried'; readonly rows: number; readonly import: Import }
  | Exclude<ChangeImportOutcome, { outcome: 'changed' }>

/** Has rows that failed done once more; an import that is done goes on for them. One that was cancelled has no pictures for that. */
export async function retryRows(
  { gallery, imports }: ImportDeps,
  query: RetryQuery,
  waiting?: Waiting,
): Promise<RetryOutcome> {
  const found = await findImport(imports, query.id, waiting)
  if (found === null) return { outcome: 'import-not-found' }
  if (found.state === 'cancelled') return { outcome: 'not-possible', state: found.state }
  const rows = await imports.rows.retry(query, waiting)
  if (rows === 0) return { outcome: 'retried', rows, import: found }
  const made = await goOn({ gallery, imports }, query.id, waiting)
  if (made === null) return { outcome: 'import-not-found' }
  // It was cancelled meanwhile: these rows end as all that wait do.
  if (made.state === 'cancelled') return { outcome: 'not-possible', state: made.state }
  return { outcome: 'retried', rows, import: made }
}
