import { conflict } from '../errors.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import type { PersonId } from '../ids.ts'
import type { Waiting } from '../ports/waiting.ts'
import { carryOnMerge, carryOnMergesInto } from './carry-on-merge.ts'
import { MAX_LOST_RACES } from './change-person.ts'
import { findOwners, isAboutToBeMerged, mergedIntoOf } from './merged-persons.ts'
import { isVisible, type Person } from './person.ts'
import { readPerson } from './read-persons.ts'
import { type UnitedFields, unitedFields } from './united-fields.ts'

export interface Merge {
  /** The one who stays. */
  readonly id: PersonId
  /** The one whose images, groups and fields go over, and who is there no more. */
  readonly otherId: PersonId
  /** The other one's external id goes. Without it two external ids that differ are in the way. */
  readonly dropsExternalId?: boolean
}

export type MergePersonsOutcome =
  /** Also where this was done before. */
  | { readonly outcome: 'merged'; readonly person: Person }
  | { readonly outcome: 'person-not-found'; readonly personId: PersonId }
  | { readonly outcome: 'same-person' }
  | Exclude<UnitedFields, { outcome: 'united' }>

/**
 * Makes one person of two. For readers all images change hands at one moment: before it each person has their own, and from
 * then on there is only the one who stays, with all of them. See `carryOnMerge` for the steps, and `unitedFields` for what
 * becomes of the fields. Once this is written down, it is carried on to its end, whatever happens to this process.
 */
export async function mergePersons(
  gallery: GalleryPorts,
  merge: Merge,
  waiting?: Waiting,
): Promise<MergePersonsOutcome> {
  const { id, otherId } = merge
  if (id === otherId) return { outcome: 'same-person' }
  const begun = await begin(gallery, merge, waiting)
  if (begun.outcome !== 'begun') return begun
  const end = await carryOnMerge(gallery, otherId, waiting)
  if (end.outcome === 'merged') return answer(gallery, merge, waiting)
  if (end.outcome !== 'given-up') return end
  const isThere = (await readPerson(gallery, id, waiting)) !== null
  return { outcome: 'person-not-found', personId: isThere ? otherId : id }
}

type Begun = { readonly outcome: 'begun' } | Exclude<MergePersonsOutcome, { outcome: 'merged' }>

/** Writes down into whom the other one is to be merged, if nothing speaks against it; nobody sees that yet. */
async function begin(gallery: GalleryPorts, merge: Merge, waiting?: Waiting): Promise<Begun> {
  const { id, otherId } = merge
  // In the one write that begins the merge, so that a merge that is refused takes nothing away.
  const dropped = merge.dropsExternalId === true ? { externalId: null } : {}
  const { persons } = gallery.records
  for (let race = 0; race < MAX_LOST_RACES; race++) {
    const [staying, other] = [await persons.find(id, waiting), await persons.find(otherId, waiting)]
    const now = gallery.clock.now()
    if (staying === null || !isVisible(staying, now)) return { outcome: 'person-not-found', personId: id }
    if (other === null) return { outcome: 'person-not-found', personId: otherId }
    if (mergedIntoOf(other) !== null && (await isOwner(gallery, { id, otherId }, waiting)))
      return { outcome: 'begun' }
    if (!isVisible(other, now)) return { outcome: 'person-not-found', personId: otherId }
    if (other.mergedInto === id) return { outcome: 'begun' }
    if (isAboutToBeMerged(other)) {
      await carryOnMerge(gallery, otherId, waiting)
      continue
    }
    const united = unitedFields(staying, { ...other, ...dropped })
    if (united.outcome !== 'united') return united
    const begun = { ...dropped, mergedInto: id }
    if (await persons.update({ id: otherId, rev: other.rev }, begun, waiting)) return { outcome: 'begun' }
  }
  throw conflict('this person')
}

async function isOwner(gallery: GalleryPorts, { id, otherId }: Merge, waiting?: Waiting): Promise<boolean> {
  const owners = await findOwners(gallery.records, { ids: [otherId] }, waiting)
  return owners.get(otherId)?.id === id
}

async function answer(gallery: GalleryPorts, { id }: Merge, waiting?: Waiting): Promise<MergePersonsOutcome> {
  // Others who are being merged into the same person are found in the groups that came now, too.
  await carryOnMergesInto(gallery, id, waiting)
  const person = await readPerson(gallery, id, waiting)
  return person === null ? { outcome: 'person-not-found', personId: id } : { outcome: 'merged', person }
}
