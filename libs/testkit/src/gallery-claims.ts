import { createHash } from 'node:crypto'
import {
  type Gallery,
  type GroupId,
  type Image,
  identify,
  listPersonImages,
  type OverdueQuery,
  type Person,
  type PersonId,
  reconcile,
} from '@semblance/core'
import { expect } from 'vitest'
import type { TestGallery } from './test-gallery.ts'

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
export async function shownPersons(gallery: Gallery): Promise<readonly ShownPerson[]> {
  const nowMs = gallery.clock.now()
  const { items } = await gallery.persons.listPersons({ nowMs }, EVERYTHING)
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
export async function expectNothingHalfWritten(gallery: Gallery): Promise<void> {
  const shown = await shownPersons(gallery)
  const shownIds = new Set(shown.flatMap(({ images }) => images.map(({ id }) => id)))
  const found = new Set<string>()
  for (const { person, images } of shown) {
    for (const image of images) {
      await expectItsPicture(gallery, image)
      const anywhere = await idsFoundBy(gallery, image, [])
      for (const id of anywhere) found.add(id)
      expect(anywhere, 'a shown image is found by its own descriptor').toContain(image.id)
      // A dirty person's change was never acknowledged: a search in the new group may miss it for a moment.
      for (const group of person.dirty ? [] : await liveGroupsOf(gallery, person)) {
        expect(await idsFoundBy(gallery, image, [group]), 'and in the group of its person').toContain(
          image.id,
        )
      }
    }
  }
  expect([...found].filter((id) => !shownIds.has(id as Image['id']))).toEqual([])
}

/** Mends until nothing is left to mend. With `waitsForOthers`, time goes by until all of it counts as left behind. */
export async function reconcileUntilSettled(gallery: TestGallery, waitsForOthers: boolean): Promise<void> {
  const faultsBefore = gallery.deferred.length
  for (let pass = 0; pass < 10; pass++) {
    if (waitsForOthers) gallery.clock.advance(2 * MINUTE)
    const { found } = await reconcile(gallery, { waitsForOthers })
    if (UNFINISHED.every((kind) => found[kind] === 0)) {
      expect(gallery.deferred.slice(faultsBefore), 'the reconciler met no fault').toEqual([])
      return
    }
  }
  throw new Error('the reconciler still finds work after 10 passes')
}

/** No record is half done, and store, index and pictures hold the same images with the same payloads. */
export async function expectSettled(gallery: TestGallery): Promise<void> {
  expect(await overdue(gallery, UNFINISHED)).toEqual([])
  await expectStoresAgree(gallery)
}

export async function expectStoresAgree(gallery: TestGallery): Promise<void> {
  const rows = await gallery.persons.scanEnrolled({ after: null, limit: 10_000 })
  const expected = rows.map(({ image, person }) => {
    const { id: personId, groups, name, externalId } = person
    return { imageId: image.id, personId, groups, name, externalId }
  })
  const indexed = gallery.index.entries().map(({ imageId, payload }) => {
    const { personId, groups, name, externalId } = payload
    return { imageId, personId, groups, name, externalId }
  })
  expect(indexed, 'the index holds what the store says').toEqual(expected)
  const pictures = await gallery.pictures.list({ after: null, limit: 10_000, untouchedMs: 0 })
  expect(pictures, 'there is a picture for each image and no other').toEqual(
    rows.map(({ image }) => image.id),
  )
}

/** A day later: what zombies put back after an erasure is gone again, and no tombstone is left. */
export async function expectForgotten(gallery: TestGallery): Promise<void> {
  for (const waitMs of [6 * MINUTE, 25 * HOUR, 25 * HOUR]) {
    gallery.clock.advance(waitMs)
    await reconcile(gallery, { waitsForOthers: true })
  }
  expect(await overdue(gallery, TOMBSTONES)).toEqual([])
  await expectSettled(gallery)
}

async function overdue(gallery: Gallery, kinds: readonly OverdueQuery['kind'][]): Promise<readonly string[]> {
  const lists = kinds.map(async (kind) => {
    const ids = await gallery.persons.listOverdue({ kind, untouchedMs: 0, skip: 0, limit: 100 })
    return ids.map((id) => `${kind} ${id}`)
  })
  return (await Promise.all(lists)).flat()
}

async function expectItsPicture(gallery: Gallery, image: Image): Promise<void> {
  const picture = await gallery.pictures.get(image.id)
  expect(picture, 'a shown image has its picture').not.toBeNull()
  expect(createHash('sha256').update(picture!).digest('hex')).toBe(image.sha256)
}

async function idsFoundBy(gallery: Gallery, image: Image, groupIds: readonly GroupId[]) {
  const record = await gallery.persons.findImage(image.id)
  const persons = await identify(gallery, {
    probe: { descriptor: record!.descriptor, operatingPoint: 0.6 },
    query: { groupIds, field: null, threshold: 0, limit: 1000 },
  })
  return persons.flatMap(({ images }) => images.map((matched) => matched.image.id))
}

async function liveGroupsOf(gallery: Gallery, person: Person): Promise<readonly GroupId[]> {
  const groups = await gallery.persons.findGroups(person.groups)
  return groups.filter(({ state }) => state === 'live').map(({ id }) => id)
}

/** Null if no reader can see the person. */
export async function shownPerson(gallery: Gallery, id: PersonId): Promise<ShownPerson | null> {
  return (await shownPersons(gallery)).find(({ person }) => person.id === id) ?? null
}
