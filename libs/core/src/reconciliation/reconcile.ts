import type { Gallery } from '../gallery.ts'
import { releaseMembers } from '../groups/delete-group.ts'
import { discardPending, finishCommitted, NEWCOMER_LEASE } from '../identification/identify-or-create.ts'
import type { GroupId, ImageId, PersonId } from '../ids.ts'
import { finishImage, withdrawImage } from '../images/add-image.ts'
import { eraseImage } from '../images/delete-image.ts'
import { changePerson, syncIndex } from '../persons/change-person.ts'
import { erasePerson } from '../persons/delete-person.ts'
import { isVisible } from '../persons/person.ts'
import type { OverdueQuery } from '../ports/person-store.ts'

type Kind = OverdueQuery['kind']

export interface ReconcileOptions {
  /**
   * False right after a start in a folder that nobody else can use: whatever is half done was left by a crash, and is
   * finished at once. True otherwise: only what nobody touched for a while.
   */
  readonly waitsForOthers: boolean
  readonly signal?: AbortSignal | undefined
}

/** How many records of each kind were found overdue; a kind at `BATCH` has more waiting. */
export type Reconciled = Readonly<Record<Kind, number>>

/** Records of a kind mended in one pass. */
export const BATCH = 200

const SECOND = 1_000
const MINUTE = 60 * SECOND
const DAY = 24 * 60 * MINUTE

interface Chore {
  readonly untouchedMs: number
  /** Also without waiting when nobody else can be at work. */
  readonly isCrashDebris: boolean
  readonly mend: (gallery: Gallery, id: string, signal: AbortSignal | undefined) => Promise<void>
}

/** What a crash, a paused process or an unreachable store can leave, and how it is finished. See consistency.md. */
const CHORES = {
  'pending-person': { untouchedMs: 2 * MINUTE, isCrashDebris: true, mend: mendPendingPerson },
  'pending-image': { untouchedMs: 2 * MINUTE, isCrashDebris: true, mend: mendPendingImage },
  'expired-person': { untouchedMs: 0, isCrashDebris: true, mend: purgeExpired },
  'deleting-person': { untouchedMs: 30 * SECOND, isCrashDebris: true, mend: finishErasingPerson },
  'deleting-image': { untouchedMs: 30 * SECOND, isCrashDebris: true, mend: finishErasingImage },
  'deleting-group': { untouchedMs: 30 * SECOND, isCrashDebris: true, mend: finishReleasing },
  'dirty-person': { untouchedMs: 30 * SECOND, isCrashDebris: true, mend: mendDirtyPerson },
  'gone-image': { untouchedMs: 5 * MINUTE, isCrashDebris: false, mend: eraseOnceMore },
  'erased-image': { untouchedMs: DAY, isCrashDebris: false, mend: forgetImage },
  'gone-person': { untouchedMs: DAY, isCrashDebris: false, mend: forgetPerson },
  'gone-group': { untouchedMs: DAY, isCrashDebris: false, mend: forgetGroup },
} as const satisfies Record<Kind, Chore>

/**
 * One pass over everything half done. Each record stands alone: a fault with one is reported and the pass goes on.
 * Run by one process at a time.
 */
export async function reconcile(gallery: Gallery, options: ReconcileOptions): Promise<Reconciled> {
  const found: Partial<Record<Kind, number>> = {}
  for (const [kind, chore] of Object.entries(CHORES) as [Kind, Chore][]) {
    options.signal?.throwIfAborted()
    const untouchedMs = chore.isCrashDebris && !options.waitsForOthers ? 0 : chore.untouchedMs
    const ids = await gallery.persons.listOverdue({ kind, untouchedMs, skip: 0, limit: BATCH }, options)
    found[kind] = ids.length
    for (const id of ids) {
      options.signal?.throwIfAborted()
      await chore.mend(gallery, id, options.signal).catch((fault) => {
        options.signal?.throwIfAborted()
        gallery.onDeferred(`reconcile ${kind}`, fault)
      })
    }
  }
  return found as Reconciled
}

async function mendPendingPerson(gallery: Gallery, id: string, signal?: AbortSignal): Promise<void> {
  await gallery.exclusive.run(
    NEWCOMER_LEASE,
    async (lease) => {
      await finishCommitted(gallery, lease)
      await discardPending(gallery, id as PersonId, { signal })
    },
    { signal },
  )
}

async function mendPendingImage(gallery: Gallery, id: string, signal?: AbortSignal): Promise<void> {
  const image = await gallery.persons.findImage(id as ImageId, { signal })
  if (image?.state !== 'pending') return
  const person = await gallery.persons.findPerson(image.personId, { signal })
  // Shares the fate of its person, which only a holder of the newcomers' lease may decide.
  if (person?.state === 'pending') return
  const isComplete = (await gallery.pictures.get(image.id, { signal })) !== null
  if (person !== null && isComplete && isVisible(person, gallery.clock.now())) {
    await finishImage(gallery, { image, person }, { signal })
    return
  }
  await withdrawImage(gallery, image.id, { signal })
}

/** Expired by the store's clock; by ours it may still be a moment away, so the mark is made here, not by `deletePerson`. */
async function purgeExpired(gallery: Gallery, id: string, signal?: AbortSignal): Promise<void> {
  const decide = ({ state }: { state: string }) =>
    state === 'live' ? ({ state: 'deleting' } as const) : null
  const marked = await changePerson(gallery, { id: id as PersonId, decide }, { signal })
  if (marked !== null) await erasePerson(gallery, marked.id, { atMost: BATCH, signal })
}

async function finishErasingPerson(gallery: Gallery, id: string, signal?: AbortSignal): Promise<void> {
  await erasePerson(gallery, id as PersonId, { atMost: BATCH, signal })
}

async function finishErasingImage(gallery: Gallery, id: string, signal?: AbortSignal): Promise<void> {
  await eraseImage(gallery, id as ImageId, { signal })
}

async function finishReleasing(gallery: Gallery, id: string, signal?: AbortSignal): Promise<void> {
  await releaseMembers(gallery, id as GroupId, { atMost: BATCH, signal })
}

async function mendDirtyPerson(gallery: Gallery, id: string, signal?: AbortSignal): Promise<void> {
  const person = await gallery.persons.findPerson(id as PersonId, { signal })
  if (person?.dirty) await syncIndex(gallery, person, { signal })
}

/** A process paused between two steps may have put vector or picture back after the erasure. */
async function eraseOnceMore(gallery: Gallery, id: string, signal?: AbortSignal): Promise<void> {
  await gallery.index.remove([id as ImageId], { signal })
  await gallery.pictures.delete(id as ImageId, { signal })
  await gallery.persons.moveImage(id as ImageId, { from: ['gone'], to: 'erased' }, { signal })
}

async function forgetImage(gallery: Gallery, id: string, signal?: AbortSignal): Promise<void> {
  await gallery.index.remove([id as ImageId], { signal })
  await gallery.pictures.delete(id as ImageId, { signal })
  await gallery.persons.forget('image', id, { signal })
}

async function forgetPerson(gallery: Gallery, id: string, signal?: AbortSignal): Promise<void> {
  await gallery.persons.forget('person', id, { signal })
}

async function forgetGroup(gallery: Gallery, id: string, signal?: AbortSignal): Promise<void> {
  await gallery.persons.forget('group', id, { signal })
}
