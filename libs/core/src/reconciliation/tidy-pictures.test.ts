import { beforeEach, expect, it } from 'vitest'
import type { ImageId } from '../ids.ts'
import { deleteImage } from '../images/delete-image.ts'
import {
  anEnrollment,
  enroll,
  makePerson,
  openTestGallery,
  type TestGallery,
  withRecords,
} from '../testing/index.ts'
import { findMissingPictures } from './find-missing-pictures.ts'
import { reviewSetAside, tidyPictures } from './tidy-pictures.ts'

const MINUTE = 60_000
const DAY = 86_400_000
const OPTIONS = { untouchedMs: MINUTE, keepMs: 30 * DAY }
const ALL = { after: null, limit: 99, untouchedMs: 0 }

let gallery: TestGallery
beforeEach(() => {
  gallery = openTestGallery()
})

/** A picture that no record speaks of. */
async function aStray(): Promise<ImageId> {
  const id = gallery.newId<ImageId>()
  await gallery.pictures.put(id, new Uint8Array([1]))
  return id
}

const setAside = () => gallery.pictures.listSetAside(ALL)

it('sets aside what no record speaks of, erases nothing, and leaves alone what is younger than it is told', async () => {
  const { draft } = anEnrollment(gallery, (await makePerson(gallery)).id)
  await gallery.records.images.insert({ ...draft, state: 'pending' })
  await gallery.pictures.put(draft.id, new Uint8Array([1]))
  const stray = await aStray()
  expect(await tidyPictures(gallery, OPTIONS)).toMatchObject({ setAside: 0, kept: 0 })
  gallery.clock.advance(MINUTE)
  expect(await tidyPictures(gallery, OPTIONS)).toMatchObject({ setAside: 1, kept: 1, erased: 0 })
  expect(await gallery.pictures.list(ALL)).toEqual([draft.id])
  expect(await setAside()).toEqual([stray])
})

it('brings pictures back with their records: a lost database erases nothing', async () => {
  const { id: personId } = await makePerson(gallery)
  const { id } = await enroll(gallery, personId)
  gallery.clock.advance(MINUTE)
  const lost = openTestGallery({ pictures: gallery.pictures, clock: gallery.clock })
  expect(await tidyPictures(lost, OPTIONS)).toMatchObject({ setAside: 1 })
  expect(await gallery.pictures.get(id)).toBeNull()
  expect(await tidyPictures(gallery, OPTIONS)).toMatchObject({ restored: 1, kept: 0 })
  expect(await gallery.pictures.get(id)).not.toBeNull()
})

it('erases what a tombstone says was deleted, at hand or set aside', async () => {
  const { id: personId } = await makePerson(gallery)
  const [zombie, restored] = [await enroll(gallery, personId), await enroll(gallery, personId)]
  for (const { id } of [zombie, restored]) await deleteImage(gallery, { personId, imageId: id })
  for (const { id } of [zombie, restored]) await gallery.pictures.put(id, new Uint8Array([1]))
  await gallery.pictures.setAside(restored.id)
  gallery.clock.advance(MINUTE)
  expect(await tidyPictures(gallery, OPTIONS)).toMatchObject({ erased: 2, setAside: 0, restored: 0, kept: 0 })
  expect([...(await gallery.pictures.list(ALL)), ...(await setAside())]).toEqual([])
})

it('keeps what is set aside for its time, and not longer', async () => {
  await aStray()
  await tidyPictures(gallery, { ...OPTIONS, untouchedMs: 0 })
  gallery.clock.advance(30 * DAY - 1)
  expect(await reviewSetAside(gallery, OPTIONS)).toMatchObject({ expired: 0, kept: 1 })
  gallery.clock.advance(1)
  expect(await reviewSetAside(gallery, OPTIONS)).toMatchObject({ expired: 1, kept: 0 })
  expect(await setAside()).toEqual([])
})

it('deletes the picture of a deleted person that lies aside', async () => {
  const { id: personId } = await makePerson(gallery)
  const { id: imageId } = await enroll(gallery, personId)
  await gallery.pictures.setAside(imageId)
  await deleteImage(gallery, { personId, imageId })
  expect(await setAside()).toEqual([])
})

it('goes on after one that cannot be moved, and tells of it', async () => {
  const [first, second] = [await aStray(), await aStray()]
  const fault = new Error('a bad sector')
  const move: typeof gallery.pictures.setAside = (id, waiting) =>
    id === first ? Promise.reject(fault) : gallery.pictures.setAside(id, waiting)
  const sick = { ...gallery, pictures: { ...gallery.pictures, setAside: move } }
  expect(await tidyPictures(sick, { ...OPTIONS, untouchedMs: 0 })).toMatchObject({ setAside: 1 })
  expect(gallery.deferred).toEqual([{ step: 'tidy pictures', fault }])
  expect(await setAside()).toEqual([second])
})

it('tells records whose picture is missing, and keeps them', async () => {
  const { id: personId } = await makePerson(gallery)
  const images = [await enroll(gallery, personId), await enroll(gallery, personId)]
  expect(await findMissingPictures(gallery)).toEqual({ count: 0, ids: [] })
  await gallery.pictures.delete(images[0]!.id)
  expect(await findMissingPictures(gallery)).toEqual({ count: 1, ids: [images[0]!.id] })
  await tidyPictures(gallery, { ...OPTIONS, untouchedMs: 0 })
  expect(await gallery.records.images.find(images[0]!.id)).toMatchObject({ state: 'ready' })
})

it('walks through galleries of several batches', async () => {
  const { id: personId } = await makePerson(gallery)
  const lost: ImageId[] = []
  for (let n = 0; n < 1_300; n++) {
    const { draft, picture } = anEnrollment(gallery, personId)
    await gallery.records.images.insert({ ...draft, state: 'ready' })
    await gallery.index.upsert([
      {
        imageId: draft.id,
        descriptor: draft.descriptor,
        payload: { personId, groups: [], name: '', externalId: null, rev: 0 },
      },
    ])
    if (n % 100 === 7) lost.push(draft.id)
    else await gallery.pictures.put(draft.id, picture)
  }
  for (let n = 0; n < 600; n++) await aStray()
  expect(await findMissingPictures(gallery)).toEqual({ count: 13, ids: lost.toSorted().slice(0, 10) })
  expect(await tidyPictures(gallery, { ...OPTIONS, untouchedMs: 0 })).toMatchObject({
    setAside: 600,
    kept: 600,
  })
})

it('leaves the picture of a record that cannot be read where it is, and brings it back from aside', async () => {
  const { id: personId } = await makePerson(gallery)
  const [kept, returned] = [await enroll(gallery, personId), await enroll(gallery, personId)]
  await gallery.pictures.setAside(returned.id)
  gallery.clock.advance(31 * DAY)
  // As a store is whose records of images a bad disk has changed.
  const unreadable = withRecords(gallery, 'images', { findMany: async () => [] })
  expect(await tidyPictures(unreadable, OPTIONS)).toMatchObject({ setAside: 0, expired: 0, erased: 0 })
  expect((await gallery.pictures.list(ALL)).toSorted()).toEqual([kept.id, returned.id].toSorted())
})
