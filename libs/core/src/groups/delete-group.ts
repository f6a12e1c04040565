import { finishAfterAnswer, type GalleryPorts } from '../gallery-ports.ts'
import type { GroupId } from '../ids.ts'
import { leaveGroups } from '../persons/change-person.ts'
import type { Waiting } from '../ports/waiting.ts'

export type DeleteGroupOutcome = { readonly outcome: 'deleted' } | { readonly outcome: 'group-not-found' }

/** Members released at once; a larger group leaves the rest to the reconciler. */
const RELEASED_AT_ONCE = 50

/** The group is gone for readers once resolved; its persons stay. */
export async function deleteGroup(
  gallery: GalleryPorts,
  id: GroupId,
  waiting?: Waiting,
): Promise<DeleteGroupOutcome> {
  const marked = await gallery.records.groups.move(id, { from: ['live'], to: 'deleting' }, waiting)
  if (!marked) return { outcome: 'group-not-found' }
  await finishAfterAnswer(gallery, 'release-group', ({ signal }) =>
    releaseMembers(gallery, id, { atMost: RELEASED_AT_ONCE, signal }),
  )
  return { outcome: 'deleted' }
}

/**
 * Takes a group that is no longer live out of its members' records, then makes it a tombstone. Answers false, to be
 * called again, when it has stopped after `atMost` members.
 */
export async function releaseMembers(
  gallery: Pick<GalleryPorts, 'records' | 'index'>,
  groupId: GroupId,
  options: { readonly atMost: number; readonly signal?: AbortSignal | undefined },
): Promise<boolean> {
  const query = { groupId, after: null, limit: options.atMost + 1 }
  const members = await gallery.records.groups.listMembers(query, options)
  for (const id of members.slice(0, options.atMost)) {
    await leaveGroups(gallery, { id, groups: [groupId] }, options)
  }
  if (members.length > options.atMost) return false
  await gallery.records.groups.move(groupId, { from: ['deleting'], to: 'gone' }, options)
  return true
}
