import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImageId, PackId } from '../ids.ts'
import type { OperationStore } from '../ports/operation-store.ts'
import type { PackDesk } from '../ports/pack-desk.ts'
import type { Waiting } from '../ports/waiting.ts'
import type { GalleryPacks } from './gallery-packs.ts'
import { moveUnderWay } from './move-under-way.ts'

export interface ChangePackDeps {
  readonly gallery: Pick<GalleryPorts, 'records'>
  readonly operations: Pick<OperationStore, 'records'>
  readonly desk: PackDesk
}

/** Ids asked for at a time, and how many parts of the gallery are looked at before the answer. */
const PART = 1_000
const MOST_PARTS = 2_000

export type ChangePackOutcome =
  | { readonly outcome: 'changed'; readonly packs: GalleryPacks | null }
  /** The gallery is of one pack only. */
  | { readonly outcome: 'no-other' }
  /** An operation that moves the gallery has not ended. */
  | { readonly outcome: 'under-way' }
  /** So many processes have not loaded the other pack yet. */
  | { readonly outcome: 'not-loaded'; readonly packId: PackId; readonly processes: number }
  /** So many images nobody has described by the other pack: they would not be found any more. */
  | { readonly outcome: 'lacking'; readonly packId: PackId; readonly images: number }

/**
 * Lets the other pack serve: the new one, or the one that served before. Every search that begins afterwards is by it.
 * `accepts` says how many images may be lacking in it.
 */
export async function switchPack(
  deps: ChangePackDeps,
  { accepts }: { readonly accepts: number },
  waiting?: Waiting,
): Promise<ChangePackOutcome> {
  const { desk, gallery } = deps
  const packs = await desk.readPacks(waiting)
  if (packs === null || packs.other === null) return { outcome: 'no-other' }
  if ((await moveUnderWay(deps.operations, waiting)) !== undefined) return { outcome: 'under-way' }
  const { other } = packs
  const notLoaded = async () => {
    const processes = await desk.countUnready(other)
    return processes === 0 ? null : ({ outcome: 'not-loaded', packId: other, processes } as const)
  }
  const unready = await notLoaded()
  if (unready !== null) return unready
  const images = await countLacking(gallery, other, waiting)
  if (images > accepts) return { outcome: 'lacking', packId: other, images }
  // Its networks may have died since.
  if (!(await desk.switchTo(other, waiting))) return (await notLoaded()) ?? { outcome: 'no-other' }
  return { outcome: 'changed', packs: await desk.readPacks(waiting) }
}

/** The descriptors of the pack that does not serve go, for good: there is no way back then but to describe all once more. */
export async function dropPack(deps: ChangePackDeps, waiting?: Waiting): Promise<ChangePackOutcome> {
  if ((await moveUnderWay(deps.operations, waiting)) !== undefined) return { outcome: 'under-way' }
  if (!(await deps.desk.drop(waiting))) return { outcome: 'no-other' }
  return { outcome: 'changed', packs: await deps.desk.readPacks(waiting) }
}

/** Images that nobody has described by this pack yet. */
export async function countLacking(
  { records }: Pick<GalleryPorts, 'records'>,
  packId: PackId,
  waiting?: Waiting,
): Promise<number> {
  let images = 0
  let after: ImageId | null = null
  for (let parts = 0; parts < MOST_PARTS; parts++) {
    const part: Awaited<ReturnType<typeof records.descriptors.listLacking>> =
      await records.descriptors.listLacking({ packId, after, limit: PART }, waiting)
    images += part.ids.length
    if (part.last === null) break
    after = part.last
  }
  return images
}
