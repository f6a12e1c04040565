import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImageId, PersonId } from '../ids.ts'
import type { Image } from '../images/image.ts'
import { findOwners } from '../persons/merged-persons.ts'
import { isVisible, type Person } from '../persons/person.ts'
import type { OperationStore, PairQuery } from '../ports/operation-store.ts'
import type { Waiting } from '../ports/waiting.ts'
import { inPortions } from '../records/in-portions.ts'
import type { KeptPair, PairPlace } from './duplicate-pair.ts'

/** What is shown of one of the two persons of a pair. */
export interface PairedPerson extends Pick<Person, 'id' | 'name' | 'externalId' | 'createdAt'> {
  readonly image: Image
}

export interface ShownPair {
  readonly pair: KeptPair
  readonly persons: readonly [PairedPerson, PairedPerson]
}

/**
 * Pairs with their persons as they are now. A pair is left out whose persons are not both to be seen, or of whose pictures
 * one was deleted or belongs to somebody else by now; so there may be fewer than `limit`, even none, while there is a `next`.
 */
export async function listPairs(
  {
    gallery,
    operations,
  }: { readonly gallery: Pick<GalleryPorts, 'records' | 'clock'>; readonly operations: OperationStore },
  query: PairQuery,
  waiting?: Waiting,
): Promise<{ readonly pairs: readonly ShownPair[]; readonly next: PairPlace | null }> {
  const kept = await operations.pairs.list(query, waiting)
  const persons = await personsOf(gallery, kept, waiting)
  const imageIds = kept.flatMap(({ imageId, otherImageId }) => [imageId, otherImageId])
  const found = await gallery.records.images.findMany([...new Set(imageIds)], waiting)
  const ready = found.filter(({ state }) => state === 'ready')
  const owners = await findOwners(gallery.records, { ids: ready.map((image) => image.personId) }, waiting)
  const images = new Map(
    ready.map((image) => [image.id, { ...image, personId: owners.get(image.personId)?.id }] as const),
  )
  const shown = (personId: PersonId, imageId: ImageId): PairedPerson | null => {
    const [person, image] = [persons.get(personId), images.get(imageId)]
    if (person === undefined || image?.personId !== personId) return null
    return { ...person, image: { ...image, personId } }
  }
  const pairs = kept.flatMap((pair) => {
    const one = shown(pair.personId, pair.imageId)
    const other = shown(pair.otherId, pair.otherImageId)
    return one === null || other === null ? [] : [{ pair, persons: [one, other] as const }]
  })
  return { pairs, next: kept.length < query.limit ? null : (kept.at(-1) ?? null) }
}

/** The visible ones, without what is not shown of them: metadata may be long. */
async function personsOf(
  { records, clock }: Pick<GalleryPorts, 'records' | 'clock'>,
  pairs: readonly KeptPair[],
  waiting?: Waiting,
): Promise<ReadonlyMap<PersonId, Omit<PairedPerson, 'image'>>> {
  const ids = [...new Set(pairs.flatMap(({ personId, otherId }) => [personId, otherId]))]
  const persons = new Map<PersonId, Omit<PairedPerson, 'image'>>()
  const find = (some: readonly PersonId[]) => records.persons.findMany(some, waiting)
  for await (const found of inPortions(ids, find)) {
    const now = clock.now()
    for (const person of found) {
      const { id, name, externalId, createdAt } = person
      if (isVisible(person, now)) persons.set(id, { id, name, externalId, createdAt })
    }
  }
  return persons
}
