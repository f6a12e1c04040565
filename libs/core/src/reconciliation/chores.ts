import type { GalleryPorts } from '../gallery-ports.ts'
import { releaseMembers } from '../groups/delete-group.ts'
import { discardPending, finishCommitted, NEWCOMER_LEASE } from '../identification/identify-or-create.ts'
import type { GroupId, ImageId, PersonId } from '../ids.ts'
import { eraseImage } from '../images/delete-image.ts'
import { carryOnMerge } from '../persons/carry-on-merge.ts'
import { changePerson } from '../persons/change-person.ts'
import { erasePerson } from '../persons/delete-person.ts'
import { markExpired } from '../persons/expire-person.ts'
import type { Person } from '../persons/person.ts'
import type { OverdueQuery } from '../ports/overdue-records.ts'
import { finishLeftImage, LEFT_IMAGE_MS } from './finish-left-image.ts'

export type OverdueKind = OverdueQuery['kind']

/** One record's share of the reconciler's time: a person with thousands of pictures takes several turns. */
const PARTS_AT_ONCE = 200

const SECOND = 1_000
const MINUTE = 60 * SECOND
const DAY = 24 * 60 * MINUTE

export interface Chore {
  /** Records that nobody wrote to for so long were left behind. */
  readonly untouchedMs: number
  /** A crash leaves such records: where nobody else can be at work, they are not waited for. */
  readonly isCrashDebris: boolean
  /** Answers false if it did a part, and the next part may be done at once. */
  readonly mend: (gallery: GalleryPorts, id: string, signal: AbortSignal | undefined) => Promise<boolean>
}

/**
 * What a crash, a paused process or an unreachable store can leave, and how it is finished; in this order: the expired
 * are promised to go within a minute, an image shares its person's fate, and tombstones only take up room. See
 * docs/consistency.md.
 */
export const CHORES = {
  'expired-person': { untouchedMs: 0, isCrashDebris: true, mend: purgeExpired },
  'pending-person': { untouchedMs: 2 * MINUTE, isCrashDebris: true, mend: mendPendingPerson },
  'pending-image': { untouchedMs: LEFT_IMAGE_MS, isCrashDebris: true, mend: mendPendingImage },
  'merging-person': { untouchedMs: 30 * SECOND, isCrashDebris: true, mend: mendMergingPerson },
  'deleting-person': { untouchedMs: 30 * SECOND, isCrashDebris: true, mend: finishErasingPerson },
  'deleting-image': { untouchedMs: 30 * SECOND, isCrashDebris: true, mend: finishErasingImage },
  'deleting-group': { untouchedMs: 30 * SECOND, isCrashDebris: true, mend: finishReleasing },
  'dirty-person': { untouchedMs: 30 * SECOND, isCrashDebris: true, mend: mendDirtyPerson },
  'gone-image': { untouchedMs: 5 * MINUTE, isCrashDebris: false, mend: eraseOnceMore },
  'erased-image': { untouchedMs: DAY, isCrashDebris: false, mend: forgetImage },
  'gone-person': { untouchedMs: DAY, isCrashDebris: false, mend: forgetPerson },
  'gone-group': { untouchedMs: DAY, isCrashDebris: false, mend: forgetGroup },
} as const satisfies Record<OverdueKind, Chore>

export const OVERDUE_KINDS = Object.keys(CHORES) as readonly OverdueKind[]

async function mendPendingPerson(gallery: GalleryPorts, id: string, signal?: AbortSignal): Promise<boolean> {
  await gallery.exclusive.run(
    NEWCOMER_LEASE,
    async (lease) => {
      await finishCommitted(gallery, lease)
      await discardPending(gallery, id as PersonId, { signal })
    },
    { signal },
  )
  return true
}

/** What another pack is to describe first is left to whoever leads the operations: see `keepDescribed`. */
async function mendPendingImage(gallery: GalleryPorts, id: string, signal?: AbortSignal): Promise<boolean> {
  await finishLeftImage(gallery, { id: id as ImageId }, { signal })
  return true
}

async function purgeExpired(gallery: GalleryPorts, id: string, signal?: AbortSignal): Promise<boolean> {
  const isMarked = await markExpired(gallery, id as PersonId, { signal })
  return !isMarked || finishErasingPerson(gallery, id, signal)
}

function finishErasingPerson(gallery: GalleryPorts, id: string, signal?: AbortSignal): Promise<boolean> {
  return erasePerson(gallery, id as PersonId, { atMost: PARTS_AT_ONCE, signal })
}

async function finishErasingImage(gallery: GalleryPorts, id: string, signal?: AbortSignal): Promise<boolean> {
  await eraseImage(gallery, id as ImageId, { signal })
  return true
}

function finishReleasing(gallery: GalleryPorts, id: string, signal?: AbortSignal): Promise<boolean> {
  return releaseMembers(gallery, id as GroupId, { atMost: PARTS_AT_ONCE, signal })
}

async function mendMergingPerson(gallery: GalleryPorts, id: string, signal?: AbortSignal): Promise<boolean> {
  await carryOnMerge(gallery, id as PersonId, { signal })
  return true
}

/**
 * Under a new rev: whoever gave up a merge and died may have written another payload under this one, and so may the merge
 * itself, later.
 */
async function mendDirtyPerson(gallery: GalleryPorts, id: string, signal?: AbortSignal): Promise<boolean> {
  const decide = ({ dirty, groups }: Person) => (dirty ? { groups } : null)
  await changePerson(gallery, { id: id as PersonId, decide }, { signal })
  return true
}

/** A process paused between two steps may have put vector or picture back after the erasure. */
async function eraseOnceMore(gallery: GalleryPorts, id: string, signal?: AbortSignal): Promise<boolean> {
  await gallery.index.remove([id as ImageId], { signal })
  await gallery.pictures.delete(id as ImageId, { signal })
  await gallery.records.images.move(id as ImageId, { from: ['gone'], to: 'erased' }, { signal })
  return true
}

async function forgetImage(gallery: GalleryPorts, id: string, signal?: AbortSignal): Promise<boolean> {
  await gallery.index.remove([id as ImageId], { signal })
  await gallery.pictures.delete(id as ImageId, { signal })
  await gallery.records.overdue.forget({ kind: 'image', id }, { signal })
  return true
}

/** Whoever died between writing feedback and looking at the person again left it there. */
async function forgetPerson(gallery: GalleryPorts, id: string, signal?: AbortSignal): Promise<boolean> {
  await gallery.records.feedback.erase(id as PersonId, { signal })
  await gallery.records.overdue.forget({ kind: 'person', id }, { signal })
  return true
}

/** Whoever died between naming the group and looking at it again left it in a person's record, invisibly. */
async function forgetGroup(gallery: GalleryPorts, id: string, signal?: AbortSignal): Promise<boolean> {
  const released = await releaseMembers(gallery, id as GroupId, { atMost: PARTS_AT_ONCE, signal })
  if (released) await gallery.records.overdue.forget({ kind: 'group', id }, { signal })
  return released
}
