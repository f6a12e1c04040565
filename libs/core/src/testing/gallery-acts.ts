import { createHash } from 'node:crypto'
import type { Descriptor } from '../descriptor.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import type { Candidacy } from '../identification/identify-or-create.ts'
import type { Probe } from '../identification/probe.ts'
import type { GroupId, ImageId, PersonId } from '../ids.ts'
import { addImage, type EnrollmentDraft } from '../images/add-image.ts'
import type { Image } from '../images/image.ts'
import { createPerson, type PersonDraft } from '../persons/create-person.ts'
import type { Person } from '../persons/person.ts'
import { TEST_PACK } from './builders/a-descriptor.ts'
import { aPicture, FAKE_CALIBRATION, FAKE_DIMENSIONS, fakeDescriptor } from './fake-face-engine.ts'

/** A person nobody made yet, in one group unless others are given. */
export function aDraft(gallery: GalleryPorts, given: Partial<PersonDraft> = {}): PersonDraft {
  const id = gallery.newId() as PersonId
  return { id, name: 'Ada', externalId: null, metadata: '{}', groups: [], expireAt: null, ...given }
}

export async function makePerson(gallery: GalleryPorts, given: Partial<PersonDraft> = {}): Promise<Person> {
  const made = await createPerson(gallery, aDraft(gallery, given))
  if (made.outcome !== 'created') throw new Error(`no person: ${made.outcome}`)
  return made.person
}

export async function makeGroup(gallery: GalleryPorts, name = 'Staff'): Promise<GroupId> {
  const id = gallery.newId() as GroupId
  await gallery.records.groups.insert({ id, name, metadata: '{}', createdAt: 0, state: 'live' })
  return id
}

export interface Enrollment {
  readonly draft: EnrollmentDraft
  readonly picture: Uint8Array
}

/** A described picture of this identity, to be added to the person. */
export function anEnrollment(
  gallery: GalleryPorts,
  personId: PersonId,
  scene: { readonly identity?: string; readonly variation?: number } = {},
): Enrollment {
  const { identity = personId, variation = 0 } = scene
  const picture = aPicture({ identities: [identity], variation })
  const draft = {
    id: gallery.newId() as ImageId,
    personId,
    contentType: 'image/jpeg',
    bytes: picture.byteLength,
    sha256: createHash('sha256').update(picture).digest('hex'),
    createdAt: gallery.clock.now(),
    quality: null,
    damage: null,
    descriptor: fakeDescriptor(identity, variation, 'rich'),
  }
  return { draft, picture }
}

export async function enroll(
  gallery: GalleryPorts,
  personId: PersonId,
  scene: { readonly identity?: string; readonly variation?: number } = {},
): Promise<Image> {
  const added = await addImage(gallery, anEnrollment(gallery, personId, scene))
  if (added.outcome !== 'added') throw new Error(`not enrolled: ${added.outcome}`)
  return added.image
}

/** Somebody who is to be made unless the gallery knows them. */
export function aCandidacy(
  gallery: GalleryPorts,
  given: { readonly identity: string; readonly groupIds?: readonly GroupId[]; readonly ttlSeconds?: number },
): Candidacy {
  const { identity, groupIds = [], ttlSeconds = null } = given
  return {
    probe: {
      descriptor: fakeDescriptor(identity, 0, 'cheap'),
      operatingPoint: FAKE_CALIBRATION.richCheap,
    },
    query: { groupIds, field: null, threshold: 1, limit: 100 },
    newcomer: {
      personId: gallery.newId() as PersonId,
      imageId: gallery.newId() as ImageId,
      name: 'Newcomer',
      metadata: '{}',
      ttlSeconds,
    },
    picture: aPicture({ identities: [identity] }),
    contentType: 'image/jpeg',
    descriptor: fakeDescriptor(identity, 0, 'rich'),
    quality: null,
  }
}

/** A descriptor whose cosine to `PROBE` is the one given, to seven digits. */
function atCosine(cosine: number): Descriptor {
  const values = new Float32Array(FAKE_DIMENSIONS)
  values[0] = cosine
  values[1] = Math.sqrt(1 - cosine * cosine)
  return { packId: TEST_PACK, values }
}

/** What `atCosine` is measured from. */
export const PROBE: Probe = { descriptor: atCosine(1), operatingPoint: 0.6 }

/** Enrolls a picture whose descriptor is at this cosine to `PROBE`. */
export async function enrollAt(
  gallery: GalleryPorts,
  personId: PersonId,
  face:
    | number
    | { readonly cosine: number; readonly quality: number | null; readonly damage?: number | null },
): Promise<ImageId> {
  const { cosine, quality, damage = null } = typeof face === 'number' ? { cosine: face, quality: null } : face
  const { draft, picture } = anEnrollment(gallery, personId)
  const added = await addImage(gallery, {
    draft: { ...draft, quality, damage, descriptor: atCosine(cosine) },
    picture,
  })
  if (added.outcome !== 'added') throw new Error(`not enrolled: ${added.outcome}`)
  return added.image.id
}

/** Somebody whose only picture is at this cosine to `PROBE`. */
export async function makePersonAt(
  gallery: GalleryPorts,
  cosine: number,
  given: Partial<PersonDraft> = {},
): Promise<PersonId> {
  const { id } = await makePerson(gallery, given)
  await enrollAt(gallery, id, cosine)
  return id
}
