import type { GroupId, PackId } from '../ids.ts'
import type { GalleryPacks } from '../packs/gallery-packs.ts'
import type { Waiting } from './waiting.ts'

/** What belongs to the gallery as a whole. See `RecordStore`. */
export interface SettingRecords {
  /** The Default group's id, null before first need. */
  readDefaultGroup(waiting?: Waiting): Promise<GroupId | null>
  /** Compare-and-set on that setting. */
  setDefaultGroup(
    change: { readonly expected: GroupId | null; readonly next: GroupId },
    waiting?: Waiting,
  ): Promise<boolean>
  /** The pack whose descriptors are searched, null before first use. */
  readPack(waiting?: Waiting): Promise<PackId | null>
  /** Remembers the pack at first use; answers the gallery's pack, which is another one if it was made with that. */
  claimPack(packId: PackId, waiting?: Waiting): Promise<PackId>
  /** The pack that serves, and the other one; null before first use. */
  readPacks(waiting?: Waiting): Promise<GalleryPacks | null>
  /** Compare-and-set: writes `next` if the rev is still `next.rev - 1`; false otherwise. `readPack` answers by it at once. */
  changePacks(next: GalleryPacks, waiting?: Waiting): Promise<boolean>
  /** Remembers the key that seals cursors at first use; answers the gallery's key, which is another one if it has one. */
  claimCursorKey(key: string, waiting?: Waiting): Promise<string>
}
