import { expect, it } from 'vitest'
import { indexPayloadOf } from '../gallery-ports.ts'
import { deletePerson } from '../persons/delete-person.ts'
import type { Person } from '../persons/person.ts'
import type { RebuildableIndex } from '../ports/rebuildable-index.ts'
import {
  anEnrollment,
  anImage,
  anIndexEntry,
  aPerson,
  enroll,
  expectStoresAgree,
  fakeDescriptor,
  makePerson,
  openTestGallery,
} from '../testing/index.ts'
import { openRebuildableGallery } from '../testing/rebuildable-gallery.ts'
import { verifyIndex } from './verify-index.ts'

const NOTHING_AMISS = { missing: 0, surplus: 0, stale: 0, repaired: 0 }

it('finds nothing amiss where store and index agree', async () => {
  const { gallery } = await openRebuildableGallery()
  const { id } = await makePerson(gallery)
  await enroll(gallery, id)
  await enroll(gallery, id)
  expect(await verifyIndex(gallery, { repair: true })).toEqual({ images: 2, vectors: 2, ...NOTHING_AMISS })
})

it('counts what is missing, surplus and stale, and changes nothing unless asked to', async () => {
  const { gallery } = await openRebuildableGallery()
  await makeAmiss(gallery)
  const expected = { images: 3, vectors: 3, missing: 1, surplus: 1, stale: 1, repaired: 0 }
  expect(await verifyIndex(gallery, { repair: false })).toEqual(expected)
  expect(await verifyIndex(gallery, { repair: false })).toEqual(expected)
})

it('puts right what it finds if asked to', async () => {
  const { gallery } = await openRebuildableGallery()
  await makeAmiss(gallery)
  expect(await verifyIndex(gallery, { repair: true })).toMatchObject({ repaired: 3 })
  expect(await verifyIndex(gallery, { repair: false })).toEqual({ images: 3, vectors: 3, ...NOTHING_AMISS })
  await expectStoresAgree(gallery)
})

it('works on an index that cannot list payloads', async () => {
  const gallery = openTestGallery()
  await makeAmiss(gallery)
  expect(await verifyIndex(gallery, { repair: true })).toMatchObject({
    missing: 1,
    surplus: 1,
    stale: 0,
    repaired: 2,
  })
})

it('sees stale payloads through a stand-in for an index that came late', async () => {
  const { gallery } = await openRebuildableGallery()
  await makeAmiss(gallery)
  const get = (_: object, name: string) => Reflect.get(gallery.index, name)
  const index = new Proxy<RebuildableIndex>({} as RebuildableIndex, { get })
  expect(await verifyIndex({ ...gallery, index }, { repair: false })).toMatchObject({ stale: 1 })
})

it('leaves the vector of a pending image alone', async () => {
  const { gallery } = await openRebuildableGallery()
  const person = await makePerson(gallery)
  const { draft } = anEnrollment(gallery, person.id)
  await gallery.records.images.insert({ ...draft, state: 'pending' })
  await gallery.index.upsert([
    { imageId: draft.id, descriptor: draft.descriptor, payload: indexPayloadOf(person) },
  ])
  expect(await verifyIndex(gallery, { repair: true })).toEqual({ images: 0, vectors: 1, ...NOTHING_AMISS })
  expect(await gallery.index.listImageIds({ after: null, limit: 9 })).toEqual([draft.id])
})

it.each(['deleting', 'gone'] as const)('removes the vector of an image that is %s', async (state) => {
  const { gallery } = await openRebuildableGallery()
  const person = await makePerson(gallery)
  const image = await enroll(gallery, person.id)
  await gallery.records.images.move(image.id, { from: ['ready'], to: 'deleting' })
  if (state === 'gone') await gallery.records.images.move(image.id, { from: ['deleting'], to: 'gone' })
  expect(await verifyIndex(gallery, { repair: true })).toMatchObject({ surplus: 1, repaired: 1 })
  expect(await gallery.index.count()).toBe(0)
})

it('does not take for stale what somebody is at work on', async () => {
  const { gallery } = await openRebuildableGallery()
  const { id, rev } = await makePerson(gallery)
  await enroll(gallery, id)
  await gallery.records.persons.update({ id, rev }, { name: 'Eve', dirty: true })
  expect(await verifyIndex(gallery, { repair: false })).toMatchObject(NOTHING_AMISS)
})

it('adds no image whose person is deleted while it is at work', async () => {
  const { gallery } = await openRebuildableGallery()
  const { id } = await makePerson(gallery)
  const image = await enroll(gallery, id)
  await gallery.index.remove([image.id])
  const upsert: typeof gallery.index.upsert = async (entries, waiting) => {
    await deletePerson(gallery, id)
    await gallery.index.upsert(entries, waiting)
  }
  await verifyIndex({ ...gallery, index: { ...gallery.index, upsert } }, { repair: true })
  expect(await gallery.index.count()).toBe(0)
})

it('walks through galleries of several batches, whatever is amiss where', async () => {
  const { gallery } = await openRebuildableGallery()
  const person: Person = aPerson()
  await gallery.records.persons.insert(person)
  const images = Array.from({ length: 1_600 }, () => anImage({ personId: person.id, descriptor: SAME }))
  for (const image of images) await gallery.records.images.insert(image)
  const payload = indexPayloadOf(person)
  const strangers = Array.from({ length: 700 }, () => anIndexEntry({ descriptor: SAME }))
  const kept = images.filter((_, at) => at % 4 > 0)
  await gallery.index.upsert([
    ...strangers,
    ...kept.map(({ id }) => ({ imageId: id, descriptor: SAME, payload })),
  ])
  const seen: number[] = []
  const onProgress = (count: number) => seen.push(count)
  expect(await verifyIndex(gallery, { repair: true, onProgress })).toEqual({
    images: 1_600,
    vectors: 1_900,
    missing: 400,
    surplus: 700,
    stale: 0,
    repaired: 1_100,
  })
  expect(seen).toEqual([500, 1_000, 1_500, 1_600])
  const ids = await gallery.index.listImageIds({ after: null, limit: 10_000 })
  expect(ids).toEqual(images.map(({ id }) => id).toSorted())
})

const SAME = fakeDescriptor('ada', 0, 'rich')

/** Three images: one without its vector, one with an old payload, one as it should be; and a vector of nobody. */
async function makeAmiss(gallery: Parameters<typeof enroll>[0]): Promise<void> {
  const [a, b, c] = [await makePerson(gallery), await makePerson(gallery), await makePerson(gallery)]
  const lost = await enroll(gallery, a.id)
  await enroll(gallery, b.id)
  await enroll(gallery, c.id)
  await gallery.index.remove([lost.id])
  const { id, rev } = b
  await gallery.records.persons.update({ id, rev }, { name: 'Eve', dirty: false })
  await gallery.index.upsert([anIndexEntry({ descriptor: SAME })])
}
