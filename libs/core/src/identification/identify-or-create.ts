import type { Descriptor } from '../descriptor.ts'
import type { Gallery } from '../gallery.ts'
import { withLiveGroups } from '../groups/live-groups.ts'
import type { GroupId, PersonId } from '../ids.ts'
import { beginImage, imageOf, refuseStaleId, settlePayload, upsertVector } from '../images/add-image.ts'
import { eraseImage } from '../images/delete-image.ts'
import type { EnrolledImage, Image } from '../images/image.ts'
import { sha256Hex } from '../images/picture-digest.ts'
import { changePerson } from '../persons/change-person.ts'
import { newPerson, placeInGroups } from '../persons/create-person.ts'
import type { Person } from '../persons/person.ts'
import type { Lease } from '../ports/exclusive.ts'
import type { Waiting } from '../ports/waiting.ts'
import { type IdentifiedPerson, type IdentifyQuery, identify, type Probe } from './identify.ts'
import type { Newcomer } from './search-picture.ts'

/** Key of the lease under which a gallery gets its newcomers one at a time. */
export const NEWCOMER_LEASE = 'newcomer'

export interface CreatedPerson {
  readonly person: Person
  readonly image: Image
}

export type NewcomerOutcome =
  | { readonly outcome: 'created'; readonly created: CreatedPerson }
  /** Somebody else made this person meanwhile. */
  | { readonly outcome: 'found'; readonly persons: readonly IdentifiedPerson[] }
  | { readonly outcome: 'unknown-groups'; readonly groups: readonly GroupId[] }
  /** The lease was lost, or the person deleted, before the person could be made visible: nothing was made. */
  | { readonly outcome: 'not-created' }

export interface Candidacy {
  readonly probe: Probe
  readonly query: IdentifyQuery
  readonly newcomer: Newcomer
  readonly picture: Uint8Array
  readonly contentType: string
  /** Rich, as everything in the gallery. */
  readonly descriptor: Descriptor
}

/**
 * Searches once more, alone, and makes the person if still nobody is found: of many identical requests at once
 * exactly one creates. Running again with the same ids answers the person that the first run made.
 */
export async function identifyOrCreate(
  gallery: Gallery,
  candidacy: Candidacy,
  waiting?: Waiting,
): Promise<NewcomerOutcome> {
  const { newcomer, query } = candidacy
  refuseStaleId(gallery, newcomer.personId)
  const placed = await placeInGroups(gallery, query.groupIds, waiting)
  if (placed.outcome === 'unknown-groups') return placed
  return gallery.exclusive.run(
    NEWCOMER_LEASE,
    async (lease) => {
      await finishCommitted(gallery, lease)
      const earlier = await readCreated(gallery, newcomer, waiting)
      if (earlier !== null) return { outcome: 'created', created: earlier }
      const persons = await identify(gallery, candidacy, waiting)
      if (persons.length > 0) return { outcome: 'found', persons }
      return create(gallery, { candidacy, lease, groups: placed.groups })
    },
    waiting,
  )
}

/** Makes visible what an earlier holder committed: person and image are complete by then, only `pending`. */
export async function finishCommitted(
  gallery: Pick<Gallery, 'persons' | 'index'>,
  lease: Lease,
): Promise<void> {
  if (lease.committed === null) return
  await reveal(gallery, lease.committed as PersonId)
  await lease.settle()
}

async function create(
  gallery: Gallery,
  work: { readonly candidacy: Candidacy; readonly lease: Lease; readonly groups: readonly GroupId[] },
): Promise<NewcomerOutcome> {
  const { newcomer } = work.candidacy
  const { ttlSeconds, personId, name, metadata } = newcomer
  const expireAt = ttlSeconds === null ? null : gallery.clock.now() + ttlSeconds * 1000
  const draft = { id: personId, name, metadata, externalId: null, groups: work.groups, expireAt }
  const person: Person = { ...newPerson(gallery, draft), state: 'pending' }
  const image = enrolledImage(gallery, work.candidacy)

  await gallery.persons.insertPerson(person)
  if ((await beginImage(gallery, image)) !== 'pending') return { outcome: 'not-created' }
  await gallery.pictures.put(image.id, work.candidacy.picture)
  await upsertVector(gallery, { image, person })
  const isCurrent = (now: Person) => now.state === 'pending'
  const isSettled = await settlePayload(gallery, { person, isCurrent })
  if (!isSettled || !(await work.lease.commit(personId))) {
    await discard(gallery, { personId, imageId: image.id })
    return { outcome: 'not-created' }
  }
  await reveal(gallery, personId)
  await work.lease.settle()
  const created = await readCreated(gallery, newcomer)
  return created === null ? { outcome: 'not-created' } : { outcome: 'created', created }
}

function enrolledImage(gallery: Gallery, candidacy: Candidacy): EnrolledImage {
  const { newcomer, picture, contentType, descriptor } = candidacy
  return {
    id: newcomer.imageId,
    personId: newcomer.personId,
    state: 'pending',
    contentType,
    bytes: picture.byteLength,
    sha256: sha256Hex(picture),
    createdAt: gallery.clock.now(),
    descriptor,
  }
}

async function reveal(gallery: Pick<Gallery, 'persons' | 'index'>, id: PersonId): Promise<void> {
  await changePerson(gallery, {
    id,
    decide: (person) => (person.state === 'pending' ? { state: 'live' } : null),
  })
  for (const image of await gallery.persons.listImageIds(id)) {
    await gallery.persons.moveImage(image, { from: ['pending'], to: 'ready' })
  }
}

async function discard(
  gallery: Gallery,
  ids: { readonly personId: PersonId; readonly imageId: Newcomer['imageId'] },
): Promise<void> {
  await gallery.persons.moveImage(ids.imageId, { from: ['pending'], to: 'deleting' })
  await eraseImage(gallery, ids.imageId)
  await changePerson(gallery, {
    id: ids.personId,
    decide: (person) => (person.state === 'pending' ? { state: 'gone' } : null),
  })
}

async function readCreated(
  gallery: Gallery,
  newcomer: Newcomer,
  waiting?: Waiting,
): Promise<CreatedPerson | null> {
  const person = await gallery.persons.findPerson(newcomer.personId, waiting)
  if (person?.state !== 'live') return null
  const image = await gallery.persons.findImage(newcomer.imageId, waiting)
  if (image?.state !== 'ready') return null
  const [shown] = await withLiveGroups(gallery, [person], waiting)
  return shown === undefined ? null : { person: shown, image: imageOf(image) }
}
