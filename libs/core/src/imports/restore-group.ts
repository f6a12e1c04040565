import type { GalleryPorts } from '../gallery-ports.ts'
import { findLiveGroups } from '../groups/live-groups.ts'
import type { GroupId } from '../ids.ts'
import type { ImportStore } from '../ports/import-store.ts'
import type { Waiting } from '../ports/waiting.ts'
import type { ImportPolicies } from './import.ts'
import type { ImportRow } from './import-row.ts'
import type { RowWork } from './person-of-row.ts'
import type { RowOutcome } from './row-outcome.ts'
import {
  deletedHere,
  isTooOldToRestore,
  keyOfGroupRow,
  type RestoredGroup,
  waitedTooLong,
} from './row-restore.ts'

interface GroupWork {
  readonly row: Pick<ImportRow, 'name' | 'metadata' | 'takenAt'>
  readonly group: RestoredGroup
  readonly policies: Pick<ImportPolicies, 'onConflict' | 'dryRun'>
}

/** Brings a group back under its id; one that is there is kept or changed, as the policy says. May be run any number of times. */
export async function restoreGroup(
  gallery: Pick<GalleryPorts, 'records' | 'clock'>,
  { row, group, policies }: GroupWork,
  waiting?: Waiting,
): Promise<RowOutcome> {
  const written: RowOutcome = { kind: 'group-written', groupId: group.id }
  if (isTooOldToRestore(gallery, row)) return waitedTooLong()
  const { groups } = gallery.records
  if (policies.dryRun) {
    const [there] = await groups.findMany([group.id], waiting)
    return there === undefined || there.state === 'live' ? written : deletedHere('group')
  }
  const { name = '', metadata = '{}' } = row
  const createdAt = Math.min(group.createdAt, gallery.clock.now())
  if (await groups.insert({ id: group.id, name, metadata, createdAt, state: 'live' }, waiting)) return written
  const there = await groups.find(group.id, waiting)
  if (there?.state !== 'live') return deletedHere('group')
  const differs = there.name !== name || there.metadata !== metadata
  if (differs && policies.onConflict === 'update') await groups.update(group.id, { name, metadata }, waiting)
  return written
}

/**
 * The live ones of a person's groups. Those that are not there, and that the same import brings back, are brought back
 * first: rows are worked on in no order. One that was deleted here is left out.
 */
export async function groupsForRestore(
  deps: { readonly gallery: GalleryPorts; readonly imports: Pick<ImportStore, 'rows'> },
  { importId, policies, row }: RowWork,
  waiting?: Waiting,
): Promise<readonly GroupId[]> {
  const wanted = [...new Set(row.groups ?? [])]
  const live = await findLiveGroups(deps.gallery, wanted, waiting)
  if (live.size === wanted.length) return wanted
  for (const id of wanted) {
    if (live.has(id)) continue
    const groupRow = await deps.imports.rows.find(importId, keyOfGroupRow(id), waiting)
    const group = groupRow?.restore?.group
    if (groupRow === null || group?.id !== id) continue
    await restoreGroup(deps.gallery, { row: groupRow, group, policies }, waiting)
  }
  const now = await findLiveGroups(deps.gallery, wanted, waiting)
  return wanted.filter((id) => now.has(id))
}
