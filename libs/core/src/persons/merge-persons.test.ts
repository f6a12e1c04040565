import { describe, expect, it } from 'vitest'
import { identify } from '../identification/identify.ts'
import { searchEnrolled } from '../identification/search-enrolled.ts'
import type { PersonId } from '../ids.ts'
import { deleteImage } from '../images/delete-image.ts'
import { listPersonImages, readImage } from '../images/read-images.ts'
import { compareIndex } from '../reconciliation/compare-index.ts'
import {
  createFakeFaceEngine,
  enroll,
  enrollAt,
  expectForgotten,
  expectSettled,
  expectStoresAgree,
  makeGroup,
  makePerson,
  makePersonAt,
  openTestGallery,
  PROBE,
  reconcileUntilSettled,
  type TestGallery,
} from '../testing/index.ts'
import { deletePerson } from './delete-person.ts'
import { mergePersons } from './merge-persons.ts'
import { listPersons, readPerson } from './read-persons.ts'

const FIRST_PAGE = { page: 1, size: 10 }

async function imagesOf(gallery: TestGallery, personId: PersonId) {
  const page = await listPersonImages(gallery, { personId, request: FIRST_PAGE })
  return page?.items.map(({ id }) => id) ?? null
}

function find(gallery: TestGallery, query: Partial<Parameters<typeof identify>[1]['query']> = {}) {
  const all = { groupIds: [], field: null, threshold: 2, limit: 10 }
  return identify(gallery, { probe: PROBE, query: { ...all, ...query } })
}

describe('merging two persons', () => {
  it('gives the one who stays all pictures, in every way to ask for them', async () => {
    const gallery = openTestGallery()
    const [id, otherId] = [await makePersonAt(gallery, 0.9), await makePersonAt(gallery, 0.95)]
    const [own] = (await imagesOf(gallery, id))!
    const [moved] = (await imagesOf(gallery, otherId))!
    const merged = await mergePersons(gallery, { id, otherId })
    expect(merged).toMatchObject({ outcome: 'merged', person: { id } })

    expect(await imagesOf(gallery, id)).toEqual([moved, own].toSorted().toReversed())
    expect(await imagesOf(gallery, otherId)).toBeNull()
    expect(await readPerson(gallery, otherId)).toBeNull()
    const [found, ...others] = await find(gallery)
    expect(others).toEqual([])
    expect(found?.person.id).toBe(id)
    expect(found?.images.map(({ image }) => [image.id, image.personId])).toEqual([
      [moved, id],
      [own, id],
    ])
    const read = (personId: PersonId) => readImage(gallery, { personId, imageId: moved! })
    expect(await read(id)).toMatchObject({ outcome: 'found', image: { personId: id } })
    expect(await read(otherId)).toEqual({ outcome: 'person-not-found' })
    const withImages = await listPersons(gallery, { filter: { hasImages: true }, request: FIRST_PAGE })
    expect(withImages.items.map((person) => person.id)).toEqual([id])
    await expectSettled(gallery)
    expect(
      await compareIndex({ records: gallery.records, copy: copyOf(gallery) }, { repair: false }),
    ).toMatchObject({ images: 2, missing: 0, surplus: 0, stale: 0 })
  })

  it('never finds the merged one beside the one who asks, by person or by picture', async () => {
    const gallery = openTestGallery()
    const [id, otherId] = [await makePersonAt(gallery, 0.9), await makePersonAt(gallery, 0.95)]
    const [moved] = (await imagesOf(gallery, otherId))!
    await mergePersons(gallery, { id, otherId })
    const deps = { gallery, engine: createFakeFaceEngine(), observe: () => {} }
    const query = { groupIds: [], field: null, threshold: 2, limit: 10, includeSelf: false }
    const byPerson = { kind: 'person', personId: id } as const
    const byImage = { kind: 'image', imageId: moved! } as const
    for (const enrolled of [byPerson, byImage])
      expect(await searchEnrolled(deps, { ...query, enrolled })).toEqual({ outcome: 'searched', persons: [] })
  })

  it('unites the fields by the rule', async () => {
    const gallery = openTestGallery()
    const [one, two] = [await makeGroup(gallery), await makeGroup(gallery)]
    const expireAt = gallery.clock.now() + 1_000_000
    const { id, createdAt } = await makePerson(gallery, {
      name: 'Ada',
      groups: [one],
      metadata: '{"a":1.0,"b":1}',
      expireAt,
    })
    const { id: otherId } = await makePerson(gallery, {
      name: 'A. King',
      externalId: 'a-1',
      groups: [two, one],
      metadata: '{"b":2,"__proto__":{"c":12345678901234567890}}',
      expireAt: expireAt + 1,
    })
    await mergePersons(gallery, { id, otherId })
    expect(await readPerson(gallery, id)).toMatchObject({
      name: 'Ada',
      externalId: 'a-1',
      groups: [one, two],
      metadata: '{"a":1.0,"b":1,"__proto__":{"c":12345678901234567890}}',
      expireAt: expireAt + 1,
      createdAt,
    })
    expect(await gallery.records.persons.find(otherId)).toMatchObject({
      state: 'merged',
      mergedInto: id,
      name: '',
      externalId: null,
      metadata: '{}',
      groups: [],
    })
  })

  it('takes the name and the metadata of the other one where there is none, and no expiry where one has none', async () => {
    const gallery = openTestGallery()
    const { id } = await makePerson(gallery, { name: '', expireAt: gallery.clock.now() + 1_000 })
    const { id: otherId } = await makePerson(gallery, { name: 'Ada', metadata: '{"a": 1.0}' })
    await mergePersons(gallery, { id, otherId })
    const united = { name: 'Ada', metadata: '{"a": 1.0}', expireAt: null }
    expect(await readPerson(gallery, id)).toMatchObject(united)
  })

  it('has no further effect when it is asked for again', async () => {
    const gallery = openTestGallery()
    const [{ id }, { id: otherId }] = [await makePerson(gallery), await makePerson(gallery)]
    const first = await mergePersons(gallery, { id, otherId })
    expect(await mergePersons(gallery, { id, otherId })).toEqual(first)
  })

  it('is refused where nobody can tell what is right, and changes nothing', async () => {
    const gallery = openTestGallery()
    const { id } = await makePerson(gallery, { externalId: 'a-1' })
    const { id: otherId } = await makePerson(gallery, { externalId: 'a-2' })
    const text = (length: number) => JSON.stringify('x'.repeat(length))
    const long = await makePerson(gallery, { metadata: `{"a":${text(40_000)}}` })
    const longer = await makePerson(gallery, { metadata: `{"b":${text(40_000)}}` })
    const gone = gallery.newId<PersonId>()
    const before = await listPersons(gallery, { filter: {}, request: FIRST_PAGE })
    const merge = (one: PersonId, other: PersonId) => mergePersons(gallery, { id: one, otherId: other })
    expect(await merge(id, id)).toEqual({ outcome: 'same-person' })
    expect(await merge(id, otherId)).toEqual({ outcome: 'two-external-ids' })
    expect(await merge(long.id, longer.id)).toEqual({ outcome: 'too-much-metadata' })
    expect(await merge(id, gone)).toEqual({ outcome: 'person-not-found', personId: gone })
    expect(await merge(gone, id)).toEqual({ outcome: 'person-not-found', personId: gone })
    expect(await listPersons(gallery, { filter: {}, request: FIRST_PAGE })).toEqual(before)
  })

  it('may be done in a row, in any order', async () => {
    const gallery = openTestGallery()
    const ids = await Promise.all([0.8, 0.85, 0.9, 0.95].map((cosine) => makePersonAt(gallery, cosine)))
    const [a, b, c, d] = ids as [PersonId, PersonId, PersonId, PersonId]
    await mergePersons(gallery, { id: b, otherId: a })
    await mergePersons(gallery, { id: c, otherId: d })
    await mergePersons(gallery, { id: c, otherId: b })
    expect(await mergePersons(gallery, { id: c, otherId: a })).toMatchObject({ outcome: 'merged' })
    expect(await mergePersons(gallery, { id: d, otherId: a })).toEqual({
      outcome: 'person-not-found',
      personId: d,
    })
    expect(await imagesOf(gallery, c)).toHaveLength(4)
    expect((await find(gallery)).map(({ person, images }) => [person.id, images.length])).toEqual([[c, 4]])
    await expectSettled(gallery)
  })

  it('leaves a person whose pictures can be added, deleted, and erased with the person', async () => {
    const gallery = openTestGallery()
    const [id, otherId] = [await makePersonAt(gallery, 0.9), await makePersonAt(gallery, 0.95)]
    const [moved] = (await imagesOf(gallery, otherId))!
    await mergePersons(gallery, { id, otherId })
    await enrollAt(gallery, id, 0.99)
    expect(await deleteImage(gallery, { personId: id, imageId: moved! })).toEqual({ outcome: 'deleted' })
    expect(await imagesOf(gallery, id)).toHaveLength(2)
    await deletePerson(gallery, id)
    expect(await find(gallery)).toEqual([])
    await reconcileUntilSettled(gallery, true)
    expect(await gallery.pictures.list({ after: null, limit: 10, untouchedMs: 0 })).toEqual([])
    expect(await gallery.records.persons.find(otherId)).toMatchObject({ state: 'gone' })
    await expectForgotten(gallery)
    expect(await gallery.records.persons.find(otherId)).toBeNull()
  })

  it('takes along whoever was merged when the one who stays expires', async () => {
    const gallery = openTestGallery()
    const expireAt = gallery.clock.now() + 60_000
    const [{ id }, { id: otherId }] = [
      await makePerson(gallery, { expireAt }),
      await makePerson(gallery, { expireAt: expireAt - 30_000 }),
    ]
    await enroll(gallery, otherId)
    await mergePersons(gallery, { id, otherId })
    gallery.clock.advance(45_000)
    expect(await imagesOf(gallery, id)).toHaveLength(1)
    await reconcileUntilSettled(gallery, true)
    expect(await imagesOf(gallery, id)).toBeNull()
    await expectStoresAgree(gallery)
    expect(await gallery.pictures.list({ after: null, limit: 10, untouchedMs: 0 })).toEqual([])
  })
})

function copyOf({ index }: TestGallery) {
  return { ...index, listVectors: async () => index.entries() }
}
