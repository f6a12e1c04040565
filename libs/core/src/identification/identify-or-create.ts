import type { Descriptor } from '../descriptor.ts'
import { staleId } from '../errors.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import { withLiveGroups } from '../groups/live-groups.ts'
import type { GroupId, ImageId, PersonId } from '../ids.ts'
import { beginImage, imageOf, isStaleId, upsertVector, withdrawImage } from '../images/add-image.ts'
import type { EnrolledImage, Image } from '../images/image.ts'
import { sha256Hex } from '../images/read-picture.ts'
import { settlePayload } from '../images/settle-payload.ts'
import { changePerson, dropDeadGroups } from '../persons/change-person.ts'
import { newPerson, placeInGroups } from '../persons/create-person.ts'
import { erasePerson } from '../persons/delete-person.ts'
import type { Person } from '../persons/person.ts'
import type { Lease } from '../ports/exclusive.ts'
import type { Waiting } from '../ports/waiting.ts'
import { type IdentifiedPerson, type IdentifyQuery, identify } from './identify.ts'
import type { Probe } from './probe.ts'
import type { Newcomer } from './search-picture.ts'

/** Key of the lease under which a gallery gets its newcomers one at a time. */
export const NEWCOMER_LEASE = 'newcomer'

/** It has one; none can be added before it is visible. */
const IMAGES_OF_NEWCOMER = 1

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
  /** Of the face, 0 to 100; null: nobody judged it. */
  readonly quality: number | null
  /** How sure it is that it is damaged, 0 to 1; null or left out: nobody knows. */
  readonly damage?: number | null
}

/**
 * Searches once more, alone, and makes the person if still nobody is found: of many identical requests at once
 * exactly one creates. Running again with the same ids answers the person that the first run made.
 */
export async function identifyOrCreate(
  gallery: GalleryPorts,
  candidacy: Candidacy,
  waiting?: Waiting,
): Promise<NewcomerOutcome> {
  const { newcomer, query } = candidacy
  if (isStaleId(gallery, newcomer.personId)) return answerLate(gallery, newcomer, waiting)
  const placed = await placeInGroups(gallery, query.groupIds, waiting)
  if (placed.outcome === 'unknown-groups') {
    // A group that the first run found may be gone by now: what that run made is made.
    const earlier = await readCreated(gallery, newcomer, waiting)
    return earlier === null ? placed : { outcome: 'created', created: earlier }
  }
  return gallery.exclusive.run(
    NEWCOMER_LEASE,
    async (lease) => {
      await finishCommitted(gallery, lease)
      const persons = await identify(gallery, candidacy, waiting)
      const earlier = await readCreated(gallery, newcomer, waiting)
      if (earlier !== null) return { outcome: 'created', created: earlier }
      if (persons.length > 0) return { outcome: 'found', persons }
      return create(gallery, { candidacy, lease, groups: placed.groups })
    },
    waiting,
  )
}

/** Long after the ids were made nobody is made any more; what an earlier run made is answered. Else E_STALE_ID. */
async function answerLate(
  gallery: GalleryPorts,
  newcomer: Newcomer,
  waiting?: Waiting,
): Promise<NewcomerOutcome> {
  const created = await readCreated(gallery, newcomer, waiting)
  if (created !== null) return { outcome: 'created', created }
  const person = await gallery.records.persons.find(newcomer.personId, waiting)
  if (person?.state === 'pending' || person?.state === 'live') return { outcome: 'not-created' }
  throw staleId(newcomer.personId)
}

/**
 * Whether a newcomer that is `deleting` or `gone` was ever shown. Until then its record changes only to be deleted,
 * and each change raises `rev` by one; a group that goes meanwhile makes a hidden one look shown.
 */
export function wasShown(person: Pick<Person, 'state' | 'rev'>): boolean {
  const deletions = person.state === 'gone' ? 2 : 1
  return person.rev - deletions > 1
}

/** Makes visible what an earlier holder committed: person and image are complete by then, only `pending`. */
export async function finishCommitted(
  gallery: Pick<GalleryPorts, 'records' | 'index'>,
  lease: Lease,
): Promise<void> {
  if (lease.committed === null) return
  const [personId, imageId] = lease.committed.split(' ') as [PersonId, ImageId]
  await reveal(gallery, { personId, imageId })
  await lease.settle()
}

async function create(
  gallery: GalleryPorts,
  work: { readonly candidacy: Candidacy; readonly lease: Lease; readonly groups: readonly GroupId[] },
): Promise<NewcomerOutcome> {
  const { candidacy, lease } = work
  const { newcomer } = candidacy
  const isWritten = await writePending(gallery, work)
  if (isWritten && (await lease.commit(`${newcomer.personId} ${newcomer.imageId}`))) {
    await reveal(gallery, newcomer)
    await lease.settle()
  } else {
    await discard(gallery, newcomer)
  }
  // This is asked after a discard, too: whoever took the lease from us may have been the same job, run again.
  const created = await readCreated(gallery, newcomer)
  return created === null ? { outcome: 'not-created' } : { outcome: 'created', created }
}

/** Person, image, picture and vector, all of it invisible; false if the person cannot be made (any more). */
async function writePending(
  gallery: GalleryPorts,
  work: { readonly candidacy: Candidacy; readonly groups: readonly GroupId[] },
): Promise<boolean> {
  const { newcomer, picture } = work.candidacy
  const { ttlSeconds, personId, name, metadata } = newcomer
  const expireAt = ttlSeconds === null ? null : gallery.clock.now() + ttlSeconds * 1000
  const draft = { id: personId, name, metadata, externalId: null, groups: work.groups, expireAt }
  const person: Person = { ...newPerson(gallery, draft), state: 'pending' }

  await gallery.records.persons.insert(person)
  await dropDeadGroups(gallery, person)
  const image = await beginImage(gallery, enrolledImage(gallery, work.candidacy))
  if (image?.state !== 'pending') return false
  await gallery.pictures.put(image.id, picture)
  const besides = await gallery.describeBeside?.(image)
  await upsertVector(gallery, { image, person, besides })
  return settlePayload(gallery, { person, isCurrent: (now) => now.state === 'pending' })
}

function enrolledImage(gallery: GalleryPorts, candidacy: Candidacy): EnrolledImage {
  const { newcomer, picture, contentType, descriptor, quality, damage = null } = candidacy
  return {
    id: newcomer.imageId,
    personId: newcomer.personId,
    state: 'pending',
    contentType,
    bytes: picture.byteLength,
    sha256: sha256Hex(picture),
    createdAt: gallery.clock.now(),
    descriptor,
    quality,
    damage,
  }
}

type NewcomerIds = Pick<Newcomer, 'personId' | 'imageId'>

/** The image first: nobody sees it before its person, so that one write shows both. */
async function reveal(gallery: Pick<GalleryPorts, 'records' | 'index'>, ids: NewcomerIds): Promise<void> {
  await gallery.records.images.move(ids.imageId, { from: ['pending'], to: 'ready' })
  const [image] = await gallery.records.images.findMany([ids.imageId])
  if (image?.state !== 'ready') return
  await changePerson(gallery, {
    id: ids.personId,
    decide: (person) => (person.state === 'pending' ? { state: 'live' } : null),
  })
}

/**
 * The person's record decides: either it becomes `deleting` here, and everything of it goes, or somebody else decided
 * already, and only what we wrote late is taken back.
 */
async function discard(gallery: GalleryPorts, ids: NewcomerIds): Promise<void> {
  if (!(await discardPending(gallery, ids.personId))) await withdrawImage(gallery, ids.imageId)
}

/** Deletes a person that was never made visible; false if it is not, or no longer, `pending`. */
export async function discardPending(
  gallery: Pick<GalleryPorts, 'records' | 'index' | 'pictures' | 'clock' | 'onDeferred'>,
  id: PersonId,
  waiting?: Waiting,
): Promise<boolean> {
  const decide = ({ state }: Person) => (state === 'pending' ? ({ state: 'deleting' } as const) : null)
  const marked = await changePerson(gallery, { id, decide }, waiting)
  if (marked === null) return false
  // No row of an import means somebody who was never there.
  await erasePerson(gallery, id, { atMost: IMAGES_OF_NEWCOMER, isBound: true, signal: waiting?.signal })
  return true
}

async function readCreated(
  gallery: GalleryPorts,
  newcomer: Newcomer,
  waiting?: Waiting,
): Promise<CreatedPerson | null> {
  const person = await gallery.records.persons.find(newcomer.personId, waiting)
  if (person?.state !== 'live') return null
  const image = await gallery.records.images.find(newcomer.imageId, waiting)
  if (image?.state !== 'ready') return null
  const [shown] = await withLiveGroups(gallery, [person], waiting)
  return shown === undefined ? null : { person: shown, image: imageOf(image) }
}
