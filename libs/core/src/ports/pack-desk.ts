import type { PackId } from '../ids.ts'
import type { GalleryPacks } from '../packs/gallery-packs.ts'
import type { FaceEngine } from './face-engine.ts'
import type { IndexCopy } from './rebuildable-index.ts'
import type { Waiting } from './waiting.ts'

/** The networks that a process has loaded, by pack. */
export interface FaceEngines {
  /** Those whose descriptors searches compare. A job asks once, when it begins, and works with that one to its end. */
  readonly serving: FaceEngine
  /** Those by which every new picture is described as well. */
  readonly others: readonly FaceEngine[]
  /** Null: that pack is not loaded here. */
  of(packId: PackId): FaceEngine | null
}

/** The packs that a process has loaded, for whoever works with them for a while. */
export interface PackHolder {
  /**
   * Does the work with the packs as they are when it begins, wherever the gallery moves meanwhile: a pack that is dropped
   * stays loaded here until the work has ended. Throws E_STORE_UNAVAILABLE where nobody can tell now which pack serves.
   */
  use<T>(work: (engines: FaceEngines) => Promise<T>, waiting?: Waiting): Promise<T>
}

/**
 * Moves a gallery between packs: what is written down of it, and what is loaded for it. A call that resolves is durable; one
 * that is broken off by a crash can be made again.
 */
export interface PackDesk {
  /** What is written down; null before first use. */
  readPacks(waiting?: Waiting): Promise<GalleryPacks | null>
  /** The id of a pack by its name, such as `builtin@2`. Throws E_PACK_INVALID if there is none of that name. */
  identify(name: string): Promise<PackId>
  /** The pack's cosine that has distance 1, for two enrolled images. Throws E_PACK_INVALID where that cannot be told. */
  operatingPoint(packId: PackId): Promise<number>
  /**
   * From now on new pictures are described by this pack as well. Its networks are loaded, or will be, and its index has what
   * it has described so far. `busy`: the gallery has another one beside that which serves.
   */
  begin(packId: PackId, waiting?: Waiting): Promise<'begun' | 'busy'>
  /**
   * How many live processes that describe pictures have not loaded this pack, or have networks of it that answer to no picture,
   * and so keep it from serving. 0 where there are no
   * others than this one. Throws E_QUEUE_UNAVAILABLE where nobody can tell now.
   */
  countUnready(packId: PackId): Promise<number>
  /** The index of that pack, to be compared with the store before it serves; null where its writes cannot be lost. */
  copyOf(packId: PackId, waiting?: Waiting): Promise<IndexCopy | null>
  /**
   * The other pack serves from now on, and the one that served is the other. False unless `packId` is the other one, and is
   * loaded, with networks that answer, wherever it is needed.
   */
  switchTo(packId: PackId, waiting?: Waiting): Promise<boolean>
  /** The other pack goes from memory, and then its descriptors, all of them. False if there is none. */
  drop(waiting?: Waiting): Promise<boolean>
  /** What is left of dropped packs goes. Called now and then, by one process at a time. */
  tidyAway(waiting?: Waiting): Promise<void>
  /** Something of a dropped pack came to light since: `tidyAway` looks again, or what it would do is begun at once. */
  tidyOnceMore(): void
  /**
   * By the monotonic clock; since then nobody but this process writes: what is `pending` from before was left by one that has died.
   * Left out where others write, too.
   */
  readonly aloneSince?: number | undefined
}
