import type { ImportId } from '../ids.ts'
import type { AddedRow, ImportStore } from '../ports/import-store.ts'
import type { Waiting } from '../ports/waiting.ts'
import { MAX_ROW_KEY_LENGTH, ROW_KEY_DIGITS, type RowDraft } from './import-row.ts'

export interface RowsToAdd {
  readonly id: ImportId
  readonly drafts: readonly RowDraft[]
  /** Whether a row whose key is there with other contents is to be in the report as well. */
  readonly tellsConflicts: boolean
}

export interface AddedBeside {
  readonly added: readonly AddedRow[]
  /** Under which each row is in the report; left out if that is the one which it came with. */
  readonly keys?: readonly string[]
  /** Conflicts that were not in the report before. */
  readonly toldConflicts: number
}

/** A wrong row whose key another one has is in the report all the same, under a key of its own; so is a conflict that is to be told. */
export async function addBeside(
  { imports }: { readonly imports: Pick<ImportStore, 'rows'> },
  { id, drafts, tellsConflicts }: RowsToAdd,
  waiting?: Waiting,
): Promise<AddedBeside> {
  const added = [...(await imports.rows.add(id, drafts, waiting))]
  const keys = drafts.map(({ key }) => key)
  const beside = drafts.flatMap((draft, i) => {
    if (added[i] !== 'conflict') return []
    if (draft.outcome !== undefined) return [{ i, draft: withOwnKey(draft) }]
    return tellsConflicts ? [{ i, draft: withOwnKey(inConflict(draft)) }] : []
  })
  if (beside.length === 0) return { added, toldConflicts: 0 }
  const again = await imports.rows.add(
    id,
    beside.map(({ draft }) => draft),
    waiting,
  )
  let toldConflicts = 0
  for (const [n, { i, draft }] of beside.entries()) {
    keys[i] = draft.key
    if (drafts[i]?.outcome !== undefined) added[i] = again[n] ?? 'known'
    else if (again[n] === 'added') toldConflicts += 1
  }
  return { added, keys, toldConflicts }
}

/** It keeps its person, with whom what is left of it goes, and nothing that is ever worked on. */
function inConflict({ key, person, digest }: RowDraft): RowDraft {
  const outcome = { kind: 'invalid', field: 'key', why: 'is there with other contents' } as const
  return { key, person, digest, picture: null, pictureSha256: null, outcome }
}

/** The same whenever the row is sent again. */
function withOwnKey(draft: RowDraft): RowDraft {
  const digits = draft.digest.slice(0, ROW_KEY_DIGITS)
  const key = `${draft.key.slice(0, MAX_ROW_KEY_LENGTH - ROW_KEY_DIGITS - 1)}-${digits}`
  return { ...draft, key }
}
