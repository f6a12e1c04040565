import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImageId, PackId, PersonId } from '../ids.ts'
import type { Waiting } from '../ports/waiting.ts'
import { IMAGE_TOMBSTONE } from '../records/tombstones.ts'

/**
 * No image can get this id any more, whoever is about to enroll one under it: a tombstone has it, which lives longer than such
 * an id may begin one. False if there is a record with this id, in whatever state; that one is left alone. Picture and vector are
 * written after the record only, so there are none to erase.
 */
export async function useUpImageId(
  { records, clock, newId }: Pick<GalleryPorts, 'records' | 'clock' | 'newId'>,
  id: ImageId,
  waiting?: Waiting,
): Promise<boolean> {
  // Of whichever pack: a tombstone has no descriptor.
  const packId = (await records.settings.readPack(waiting)) ?? ('none' as PackId)
  const tombstone = {
    ...IMAGE_TOMBSTONE,
    id,
    personId: newId() as PersonId,
    state: 'erased',
    createdAt: clock.now(),
    descriptor: { packId, values: new Float32Array() },
  } as const
  return records.images.insert(tombstone, waiting)
}
