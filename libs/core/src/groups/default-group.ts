import type { GalleryPorts } from '../gallery-ports.ts'
import { type GroupId, uuidTimeMs } from '../ids.ts'
import type { Waiting } from '../ports/waiting.ts'
import type { Group } from './group.ts'

/** Name of the group that persons without a group join; it may be renamed or deleted, and is made again on need. */
const DEFAULT_GROUP_NAME = 'Default'

/** A chosen id without a group is one that somebody is about to write; an older one was deleted and forgotten. */
const MAX_CHOICE_AGE_MS = 3_600_000

type Deps = Pick<GalleryPorts, 'records' | 'clock' | 'newId'>

/**
 * The Default group's id, made if it is not there. The id is chosen first, by compare-and-set, and whoever sees a
 * choice without its group writes that group: two processes at once, or one that dies half way, end up with one.
 */
export async function ensureDefaultGroup(gallery: Deps, waiting?: Waiting): Promise<GroupId> {
  for (;;) {
    const chosen = await gallery.records.settings.readDefaultGroup(waiting)
    const group = chosen === null ? null : await gallery.records.groups.find(chosen, waiting)
    if (group?.state === 'live') return group.id
    if (chosen !== null && group === null && isFresh(gallery, chosen)) {
      // False with a record that cannot be read: another group takes its place.
      if (await gallery.records.groups.insert(defaultGroup(gallery, chosen), waiting)) continue
      if ((await gallery.records.groups.find(chosen, waiting)) !== null) continue
    }
    const next = gallery.newId() as GroupId
    if (await gallery.records.settings.setDefaultGroup({ expected: chosen, next }, waiting))
      await gallery.records.groups.insert(defaultGroup(gallery, next), waiting)
  }
}

function defaultGroup(gallery: Deps, id: GroupId): Group {
  return { id, name: DEFAULT_GROUP_NAME, metadata: '{}', createdAt: gallery.clock.now(), state: 'live' }
}

function isFresh(gallery: Deps, id: GroupId): boolean {
  const madeAt = uuidTimeMs(id)
  return madeAt !== null && gallery.clock.now() - madeAt < MAX_CHOICE_AGE_MS
}
