import type { PackId } from '../ids.ts'
import type { GalleryPacks } from '../packs/gallery-packs.ts'
import type { FaceEngine } from './face-engine.ts'
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

/**
 * Moves a gallery between packs: what is written down of it, and what is loaded for it. A call that resolves is durable; one
 * that is broken off by a crash can be made again.
 */
export interface PackDesk {
  /** What is written down; null before first use. */
  readPacks(waiting?: Waiting): Promise<GalleryPacks | null>
  /** The id of a pack by its name, such as `builtin@2`. Throws E_PACK_INVALID if there is none of that name. */
  identify(name: string): Promise<PackId>
  /**
   * From now on new pictures are described by this pack as well. Its networks are loaded, and its index has what it has
   * described so far. `busy`: the gallery has another one beside that which serves.
   */
  begin(packId: PackId, waiting?: Waiting): Promise<'begun' | 'busy'>
  /** The other pack serves from now on, and the one that served is the other. False unless `packId` is the other one. */
  switchTo(packId: PackId, waiting?: Waiting): Promise<boolean>
  /** The other pack goes from memory, and then its descriptors, all of them. False if there is none. */
  drop(waiting?: Waiting): Promise<boolean>
}
