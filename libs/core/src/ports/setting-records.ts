import type { GroupId, PackId } from '../ids.ts'
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
  /** The pack of the gallery's descriptors, null before first use. */
  readPack(waiting?: Waiting): Promise<PackId | null>
  /** Remembers the pack at first use; answers the gallery's pack, which is another one if it was made with that. */
  claimPack(packId: PackId, waiting?: Waiting): Promise<PackId>
  /** Remembers the key that seals cursors at first use; answers the gallery's key, which is another one if it has one. */
  claimCursorKey(key: string, waiting?: Waiting): Promise<string>
}
