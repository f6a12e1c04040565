import type { Descriptor } from '../descriptor.ts'
import { conflict, staleId } from '../errors.ts'
import { type GalleryPorts, indexPayloadOf } from '../gallery-ports.ts'
import { type ImageId, type PersonId, uuidTimeMs } from '../ids.ts'
import { carryOnMerge } from '../persons/carry-on-merge.ts'
import { MAX_LOST_RACES } from '../persons/change-person.ts'
import { findVisiblePerson } from '../persons/find-visible-person.ts'
import { findOwners, isAboutToBeMerged } from '../persons/merged-persons.ts'
import { isVisible, type Person } from '../persons/person.ts'
import type { Waiting } from '../ports/waiting.ts'
import { eraseImage } from './delete-image.ts'
import type { EnrolledImage, Image, ImageState } from './image.ts'
import { settlePayload } from './settle-payload.ts'
import { upsertUsable } from './upsert-usable.ts'

/**
 * The limit is much shorter than a tombstone lives (24 h), so that a job run again after a delete cannot bring an
 * image back.
 */
const MAX_ID_AGE_MS = 3_600_000

export type EnrollmentDraft = Omit<EnrolledImage, 'state'>

export interface Enrollment {
  readonly draft: EnrollmentDraft
  readonly picture: Uint8Array
  /**
   * The person as the caller has seen it, perhaps a while ago: it is looked at once more in the end. If left out, it
   * is read.
   */
  readonly person?: Person
  /**
   * Of a picture that is brought back under the id that it had in another gallery: such an id is old, and tells nothing of
   * the write's own age. The caller has made sure that this write is younger than any tombstone that is forgotten; see
   * `isTooOldToRestore`.
   */
  readonly isRestored?: boolean
}

export type AddImageOutcome =
  | { readonly outcome: 'added'; readonly image: Image }
  | { readonly outcome: 'person-not-found' }
  /** The image was deleted before it was complete. */
  | { readonly outcome: 'image-not-found' }

/**
 * Puts a described picture under a person. Each step may run twice and in two processes; a crash between two leaves
 * a `pending` image that nobody sees and the reconciler finishes. See docs/consistency.md.
 */
export async function addImage(
  gallery: GalleryPorts,
  enrollment: Enrollment,
  waiting?: Waiting,
): Promise<AddImageOutcome> {
  const { draft, picture } = enrollment
  if (enrollment.isRestored !== true && isStaleId(gallery, draft.id))
    await requireBegun(gallery, draft.id, waiting)
  const person = enrollment.person ?? (await findVisiblePerson(gallery, draft.personId, waiting))
  if (person === null) return { outcome: 'person-not-found' }

  const image: EnrolledImage = { ...draft, state: 'pending' }
  const begun = await beginImage(gallery, image, waiting)
  if (begun?.state === 'ready') return added({ ...begun, personId: draft.personId })
  if (begun?.state !== 'pending') return { outcome: 'image-not-found' }
  await gallery.pictures.put(begun.id, picture, waiting)
  const besides = await gallery.describeBeside?.(begun)
  return finishImage(gallery, { image: begun, person, besides }, waiting)
}

/** A write whose id is too old may come after its own tombstone has gone. */
export function isStaleId(gallery: Pick<GalleryPorts, 'clock'>, id: string): boolean {
  const madeAt = uuidTimeMs(id)
  return madeAt !== null && gallery.clock.now() - madeAt > MAX_ID_AGE_MS
}

/** What an earlier run left may be finished at any age: its record is there, so nothing can come back. Else E_STALE_ID. */
async function requireBegun(
  gallery: Pick<GalleryPorts, 'records'>,
  id: ImageId,
  waiting?: Waiting,
): Promise<void> {
  const [earlier] = await gallery.records.images.findMany([id], waiting)
  if (earlier?.state !== 'ready' && earlier?.state !== 'pending') throw staleId(id)
}

/**
 * Writes the `pending` record; answers it, or the one that an earlier run of the same job left, in its state. Null if
 * that run had other bytes, as a link may give at another time, and did not finish: the reconciler judges its record. Null,
 * too, if it is another person's, as only an id that came from elsewhere can be; whoever was merged is no other person.
 */
export async function beginImage(
  gallery: Pick<GalleryPorts, 'records'>,
  image: EnrolledImage,
  waiting?: Waiting,
): Promise<EnrolledImage | null> {
  if (await gallery.records.images.insert(image, waiting)) return image
  const earlier = await gallery.records.images.find(image.id, waiting)
  if (earlier === null || !(await haveOneOwner(gallery, [earlier.personId, image.personId], waiting)))
    return null
  return earlier.state === 'ready' || earlier.sha256 === image.sha256 ? earlier : null
}

async function haveOneOwner(
  { records }: Pick<GalleryPorts, 'records'>,
  [one, other]: readonly [PersonId, PersonId],
  waiting?: Waiting,
): Promise<boolean> {
  if (one === other) return true
  const owners = await findOwners(records, { ids: [one, other] }, waiting)
  const owner = owners.get(one)
  return owner !== undefined && owner.id === owners.get(other)?.id
}

export interface FinishedImage {
  readonly image: EnrolledImage
  readonly person: Person
  /** What other packs of the gallery made of it: their vectors are written as the image's own is. */
  readonly besides?: readonly Descriptor[] | undefined
}

/**
 * Does all steps from the vector on. The reconciler does the same for a `pending` image whose picture is there. If the person is
 * merged meanwhile, the image is added to whoever has all other images of that person then.
 */
export async function finishImage(
  gallery: GalleryPorts,
  work: FinishedImage,
  waiting?: Waiting,
): Promise<AddImageOutcome> {
  const { image } = work
  const owner = await writeForOwner(gallery, work, waiting)
  if (owner === null) {
    await withdrawImage(gallery, image.id, waiting)
    return { outcome: 'person-not-found' }
  }
  const own = { ...image, personId: owner.id }
  if (await gallery.records.images.move(image.id, { from: ['pending'], to: 'ready' }, waiting))
    return added(own)
  const state = await withdrawImage(gallery, image.id, waiting)
  return state === 'ready' ? added(own) : { outcome: 'image-not-found' }
}

/** Writes the vector as this person's, or as that of whoever has the images in the end; null if nobody has. */
async function writeForOwner(
  gallery: GalleryPorts,
  { image, person, besides }: FinishedImage,
  waiting?: Waiting,
): Promise<Person | null> {
  const isCurrent = (now: Person) => isVisible(now, gallery.clock.now()) && !isAboutToBeMerged(now)
  let owner = person
  for (let race = 0; race < MAX_LOST_RACES; race++) {
    await upsertVector(gallery, { image, person: owner, besides }, waiting)
    if (await settlePayload(gallery, { person: owner, isCurrent }, waiting)) return owner
    const next = await ownerNow(gallery, owner.id, waiting)
    if (next === null) return null
    owner = next
  }
  throw conflict('this person')
}

/** Who has the images of this person, once a merge that was begun has ended; null if nobody sees that one. */
async function ownerNow(gallery: GalleryPorts, id: PersonId, waiting?: Waiting): Promise<Person | null> {
  const person = await gallery.records.persons.find(id, waiting)
  if (person !== null && isAboutToBeMerged(person)) await carryOnMerge(gallery, id, waiting)
  const owner = (await findOwners(gallery.records, { ids: [id] }, waiting)).get(id)
  return owner !== undefined && isVisible(owner, gallery.clock.now()) ? owner : null
}

/**
 * Takes back what we wrote of an image, unless it is `ready` by now: then another run finished it, and vector and
 * picture are its own. Answers the state it was found in.
 */
export async function withdrawImage(
  gallery: Pick<GalleryPorts, 'records' | 'index' | 'pictures'>,
  id: ImageId,
  waiting?: Waiting,
): Promise<ImageState | null> {
  await gallery.records.images.move(id, { from: ['pending'], to: 'deleting' }, waiting)
  const [image] = await gallery.records.images.findMany([id], waiting)
  if (image?.state !== 'ready') await eraseImage(gallery, id, waiting)
  return image?.state ?? null
}

export async function upsertVector(
  gallery: Pick<GalleryPorts, 'index'>,
  work: FinishedImage,
  waiting?: Waiting,
): Promise<void> {
  const { image, person, besides = [] } = work
  const payload = indexPayloadOf(person)
  const entryOf = (descriptor: Descriptor) => ({ imageId: image.id, descriptor, payload })
  await gallery.index.upsert([entryOf(image.descriptor)], waiting)
  // A pack that this process has not loaded has no index here to be written to: that is filled from the store.
  for (const beside of besides) await upsertUsable({ copy: gallery.index }, [entryOf(beside)], waiting)
}

function added(draft: EnrollmentDraft): AddImageOutcome {
  return { outcome: 'added', image: imageOf(draft) }
}

/** The image without its descriptor, as readers see it. */
export function imageOf(draft: EnrollmentDraft): Image {
  const { descriptor: _, ...image } = draft
  return { ...image, state: 'ready' }
}
