import { packMismatch } from './errors.ts'
import type { PackId } from './ids.ts'
import type { RecordStore } from './ports/record-store.ts'

/** Binds the gallery to the pack it is first used with; any other pack throws E_PACK_MISMATCH. */
export async function claimGallery(records: RecordStore, packId: PackId): Promise<void> {
  const owner = await records.settings.claimPack(packId)
  if (owner !== packId) throw packMismatch(owner, packId)
}
