import type { Descriptor } from '../descriptor.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import type { PackId } from '../ids.ts'
import type { EnrolledImage } from '../images/image.ts'
import type { Waiting } from '../ports/waiting.ts'

/** What this pack made of an image, null if nothing or not yet; for no pack, what the image was enrolled with. */
export async function descriptorBy(
  packId: PackId | null,
  {
    records,
    image,
  }: { readonly records: Pick<GalleryPorts['records'], 'descriptors'>; readonly image: EnrolledImage },
  waiting?: Waiting,
): Promise<Descriptor | null> {
  if (packId === null || packId === image.descriptor.packId) return image.descriptor
  return records.descriptors.find({ imageId: image.id, packId }, waiting)
}
