import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import { type GalleryPorts, indexPayloadOf } from '../gallery-ports.ts'
import { identify } from '../identification/identify.ts'
import type { GroupId, PersonId } from '../ids.ts'
import type { EnrolledImage, Image } from '../images/image.ts'
import { listPersonImages } from '../images/read-images.ts'
import type { Person } from '../persons/person.ts'
import type { FieldFilter, GalleryFilter, IndexPayload } from '../ports/descriptor-index.ts'
import type { OverdueQuery } from '../ports/overdue-records.ts'
import { reconcile } from '../reconciliation/reconcile.ts'
import type { FamilyGallery } from './test-gallery.ts'

const EVERYTHING = { page: 1, size: 1000 }
const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** What only a tombstone's age brings up; all other kinds are work that somebody left half done. */
const TOMBSTONES: readonly OverdueQuery['kind'][] = [
  'gone-image',
  'erased-image',
  'gone-person',
  'gone-group',
]
const UNFINISHED: readonly OverdueQuery['kind'][] = [
  'pending-image',
  'deleting-image',
  'pending-person',
  'merging-person',
  'deleting-person',
  'dirty-person',
  'expired-person',
  'deleting-group',
]

export interface ShownPerson {
  readonly person: Person
  readonly images: readonly Image[]
}

/** Everybody a reader can see, by decreasing id. */
export async function shownPersons(gallery: GalleryPorts): Promise<readonly ShownPerson[]> {
  const nowMs = gallery.clock.now()
  const { items } = await gallery.records.persons.list({ nowMs }, EVERYTHING)
  return Promise.all(
    items.map(async (person) => {
      const page = await listPersonImages(gallery, { personId: person.id, request: EVERYTHING })
      return { person, images: page?.items ?? [] }
    }),
  )
}

/**
 * What is shown is whole: each image of each person has its picture, is found by its own descriptor, in the groups that
 * the person is in as well; and a search finds nothing that is not shown.
 */
export async function expectNothingHalfWritten(gallery: GalleryPorts): Promise<void> {
  const shown = await shownPersons(gallery)
  const shownIds = new Set(shown.flatMap(({ images }) => images.map(({ id }) => id)))
  const found = new Set<string>()
  for (const { person, images } of shown) {
    for (const image of images) {
      await expectItsPicture(gallery, image)
      const anywhere = await idsFoundBy(gallery, image, [])
      for (const id of anywhere) found.add(id)
      expect(anywhere, 'a shown image is found by its own descriptor').toContain(image.id)
      // A dirty person's change was never acknowledged: a search in the new group may miss it for a moment. So may one for a
      // picture that has changed hands just now, if the groups changed meanwhile and whoever changed them died unheard.
      const isBehind = person.dirty || (await isOfMerging(gallery, image))
      for (const group of isBehind ? [] : await liveGroupsOf(gallery, person)) {
        expect(await idsFoundBy(gallery, image, [group]), 'and in the group of its person').toContain(
          image.id,
        )
      }
    }
  }
  expect([...found].filter((id) => !shownIds.has(id as Image['id']))).toEqual([])
}

async function isOfMerging(gallery: GalleryPorts, { id }: Image): Promise<boolean> {
  const [record] = await gallery.records.images.findMany([id])
  const named = record === undefined ? null : await gallery.records.persons.find(record.personId)
  return named?.state === 'merging'
}

/** Mends until nothing is left to mend. With `waitsForOthers`, time goes by until all of it counts as left behind. */
export async function reconcileUntilSettled(gallery: FamilyGallery, waitsForOthers: boolean): Promise<void> {
  const faultsBefore = gallery.deferred.length
  for (let pass = 0; pass < 10; pass++) {
    if (waitsForOthers) await gallery.age(2 * MINUTE)
    const { found } = await reconcile(gallery, { waitsForOthers })
    if (UNFINISHED.every((kind) => found[kind] === 0)) {
      expect(gallery.deferred.slice(faultsBefore), 'the reconciler met no fault').toEqual([])
      return
    }
  }
  throw new Error('the reconciler still finds work after 10 passes')
}

/** No record is half done, and store, index and pictures hold the same images with the same payloads. */
export async function expectSettled(gallery: FamilyGallery): Promise<void> {
  expect(await overdue(gallery, UNFINISHED)).toEqual([])
  await expectStoresAgree(gallery)
}

export async function expectStoresAgree(gallery: FamilyGallery): Promise<void> {
  const rows = await gallery.records.images.scanEnrolled({ after: null, limit: 10_000 })
  const indexed = await gallery.indexed()
  const ids = indexed.map(({ imageId }) => imageId)
  expect(ids, 'the index holds what the store says').toEqual(rows.map(({ image }) => image.id))
  for (const [i, { image, person }] of rows.entries()) {
    const payload = indexed[i]?.payload ?? null
    if (payload === null) await expectFoundAs(gallery, image, person)
    else
      expect(searchedBy(payload), 'with what it is searched by').toEqual(searchedBy(indexPayloadOf(person)))
  }
  const pictures = await gallery.pictures.list({ after: null, limit: 10_000, untouchedMs: 0 })
  expect(pictures, 'there is a picture for each image and no other').toEqual(
    rows.map(({ image }) => image.id),
  )
}

function searchedBy({ personId, groups, name, externalId }: IndexPayload) {
  return { personId, groups, name, externalId }
}

/** What an index carries that cannot be looked into: it is found by the person's name and each group, not by others. */
async function expectFoundAs(gallery: GalleryPorts, image: EnrolledImage, person: Person): Promise<void> {
  const isFound = async (filter: GalleryFilter) => {
    const query = { filter, minCosine: 0.99, limit: 1000, imagesPerPerson: 1000, exclude: [] }
    const persons = await gallery.index.search(image.descriptor, query)
    return persons.some(({ images }) => images.some(({ imageId }) => imageId === image.id))
  }
  const field = (op: FieldFilter['op']) => ({ field: 'name', op, values: [person.name] }) as const
  expect(await isFound({ groups: null, field: field('in') }), 'found by its name').toBe(true)
  expect(await isFound({ groups: null, field: field('nin') }), 'found by another name').toBe(false)
  for (const group of person.groups) {
    expect(await isFound({ groups: [group], field: null }), 'found in its groups').toBe(true)
  }
}

/** A day later: what zombies put back after an erasure is gone again, and no tombstone is left. */
export async function expectForgotten(gallery: FamilyGallery): Promise<void> {
  for (const waitMs of [6 * MINUTE, 25 * HOUR, 25 * HOUR]) {
    await gallery.age(waitMs)
    await reconcile(gallery, { waitsForOthers: true })
  }
  expect(await overdue(gallery, TOMBSTONES)).toEqual([])
  await expectSettled(gallery)
  for (const { person } of await shownPersons(gallery)) {
    const live = await liveGroupsOf(gallery, person)
    expect(person.groups, 'no record names a group that is gone').toEqual(expect.arrayContaining([...live]))
    expect(person.groups).toHaveLength(live.length)
  }
}

async function overdue(
  gallery: GalleryPorts,
  kinds: readonly OverdueQuery['kind'][],
): Promise<readonly string[]> {
  const lists = kinds.map(async (kind) => {
    const ids = await gallery.records.overdue.list({ kind, untouchedMs: 0, skip: 0, limit: 100 })
    return ids.map((id) => `${kind} ${id}`)
  })
  return (await Promise.all(lists)).flat()
}

async function expectItsPicture(gallery: GalleryPorts, image: Image): Promise<void> {
  const picture = await gallery.pictures.get(image.id)
  expect(picture, 'a shown image has its picture').not.toBeNull()
  expect(createHash('sha256').update(picture!).digest('hex')).toBe(image.sha256)
}

async function idsFoundBy(gallery: GalleryPorts, image: Image, groupIds: readonly GroupId[]) {
  const record = await gallery.records.images.find(image.id)
  const persons = await identify(gallery, {
    probe: { descriptor: record!.descriptor, operatingPoint: 0.6 },
    query: { groupIds, field: null, threshold: 0, limit: 1000 },
  })
  return persons.flatMap(({ images }) => images.map((matched) => matched.image.id))
}

async function liveGroupsOf(gallery: GalleryPorts, person: Person): Promise<readonly GroupId[]> {
  const groups = await gallery.records.groups.findMany(person.groups)
  return groups.filter(({ state }) => state === 'live').map(({ id }) => id)
}

/** Null if no reader can see the person. */
export async function shownPerson(gallery: GalleryPorts, id: PersonId): Promise<ShownPerson | null> {
  return (await shownPersons(gallery)).find(({ person }) => person.id === id) ?? null
}
