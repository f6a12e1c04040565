import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImageId, PackId } from '../ids.ts'
import { finishImage, withdrawImage } from '../images/add-image.ts'
import type { EnrolledImage } from '../images/image.ts'
import { faultOfPicture } from '../images/read-picture.ts'
import { hasMoved } from '../packs/gallery-packs.ts'
import { findOwners } from '../persons/merged-persons.ts'
import { isVisible } from '../persons/person.ts'
import type { Waiting } from '../ports/waiting.ts'

/** Nobody wrote to a `pending` image for so long: whoever did has died. */
export const LEFT_IMAGE_MS = 120_000

/** A `pending` image whose process may have died. */
export interface LeftImage {
  readonly id: ImageId
  /** Packs that have looked at it, or that nobody here can ask: it is finished without their descriptors. */
  readonly without?: readonly PackId[]
}

/**
 * Finishes a `pending` image if person and picture are there, and withdraws it otherwise: nobody was told that it is enrolled.
 * Answers the packs of the gallery that are to describe it before that: it stays `pending` and unseen until then, since a search
 * by a pack that comes to serve meanwhile would not find it. Empty: there is nothing left to do.
 */
export async function finishLeftImage(
  gallery: GalleryPorts,
  { id, without = [] }: LeftImage,
  waiting?: Waiting,
): Promise<readonly PackId[]> {
  const image = await gallery.records.images.find(id, waiting)
  if (image === null) return withdrawUnreadable(gallery, id, waiting)
  if (image.state !== 'pending') return []
  const person = await gallery.records.persons.find(image.personId, waiting)
  // Shares the fate of its person, which only a holder of the newcomers' lease may decide.
  if (person?.state === 'pending') return []
  // Of somebody who was merged, it is added to whoever has the other images.
  const owner = (await findOwners(gallery.records, { ids: [image.personId] }, waiting)).get(image.personId)
  if (owner !== undefined && isVisible(owner, gallery.clock.now())) {
    const { described, lacking } = await lookedAt(gallery, image, waiting)
    // Its picture is not read until then: it may have to wait for long.
    if (lacking.some((packId) => !without.includes(packId))) return lacking
    const [first, ...besides] = described
    if (first !== undefined && (await isComplete(gallery, image, waiting))) {
      await finishImage(gallery, { image: first, person: owner, besides: besides.map(descriptorOf) }, waiting)
      return []
    }
  }
  await withdrawImage(gallery, id, waiting)
  return []
}

/** Nobody was told that it is enrolled: what is not whole is withdrawn like what is not there. */
async function isComplete(gallery: GalleryPorts, image: EnrolledImage, waiting?: Waiting): Promise<boolean> {
  const picture = await gallery.pictures.get(image.id, waiting)
  return picture !== null && (await faultOfPicture(picture, image, waiting)) === null
}

/**
 * The image as each pack of the gallery has described it, the serving one first, and the packs that have not. Its own pack may be
 * none of these: it was dropped since.
 */
async function lookedAt(
  { records }: Pick<GalleryPorts, 'records'>,
  image: EnrolledImage,
  waiting?: Waiting,
): Promise<{ readonly described: readonly EnrolledImage[]; readonly lacking: readonly PackId[] }> {
  const packs = await records.settings.readPacks(waiting)
  if (packs === null || !hasMoved(packs)) return { described: [image], lacking: [] }
  const described: EnrolledImage[] = []
  const lacking: PackId[] = []
  for (const packId of packs.other === null ? [packs.serving] : [packs.serving, packs.other]) {
    const descriptor = await records.descriptors.find({ imageId: image.id, packId }, waiting)
    if (descriptor === null) lacking.push(packId)
    else described.push({ ...image, descriptor })
  }
  return { described, lacking }
}

function descriptorOf({ descriptor }: EnrolledImage): EnrolledImage['descriptor'] {
  return descriptor
}

/** Nobody was told that it is enrolled; without a descriptor that can be read it never will be. */
async function withdrawUnreadable(
  gallery: GalleryPorts,
  id: ImageId,
  waiting?: Waiting,
): Promise<readonly PackId[]> {
  const [record] = await gallery.records.images.findMany([id], waiting)
  if (record?.state === 'pending') await withdrawImage(gallery, record.id, waiting)
  return []
}
