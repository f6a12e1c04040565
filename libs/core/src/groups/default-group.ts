import type { Gallery } from '../gallery.ts'
import type { GroupId } from '../ids.ts'
import type { Waiting } from '../ports/waiting.ts'

/** Name of the group that persons without a group join; it may be renamed or deleted, and is made again on need. */
export const DEFAULT_GROUP_NAME = 'Default'

/** The Default group's id, made if it is not there. Two processes at once end up with one. */
export async function ensureDefaultGroup(
  gallery: Pick<Gallery, 'persons' | 'clock' | 'newId'>,
  waiting?: Waiting,
): Promise<GroupId> {
  for (;;) {
    const current = await gallery.persons.readDefaultGroup(waiting)
    if (current !== null) {
      const group = await gallery.persons.findGroup(current, waiting)
      if (group?.state === 'live') return current
    }
    const id = gallery.newId() as GroupId
    await gallery.persons.insertGroup(
      { id, name: DEFAULT_GROUP_NAME, metadata: '{}', createdAt: gallery.clock.now(), state: 'live' },
      waiting,
    )
    if (await gallery.persons.setDefaultGroup({ expected: current, next: id }, waiting)) return id
    await gallery.persons.moveGroup(id, { from: ['live'], to: 'gone' }, waiting)
  }
}
