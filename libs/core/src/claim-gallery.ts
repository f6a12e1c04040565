import { packMismatch } from './errors.ts'
import type { PackId } from './ids.ts'
import type { PersonStore } from './ports/person-store.ts'

/** Binds the gallery to the pack it is first used with; any other pack throws E_PACK_MISMATCH. */
export async function claimGallery(persons: PersonStore, packId: PackId): Promise<void> {
  const owner = await persons.claimPack(packId)
  if (owner !== packId) throw packMismatch(owner, packId)
}
