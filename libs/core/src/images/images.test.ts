import { beforeEach, describe, expect, it } from 'vitest'
import { indexUnavailable, picturesUnavailable } from '../errors.ts'
import type { ImageId, PersonId } from '../ids.ts'
import { deletePerson } from '../persons/delete-person.ts'
import { loadIndex } from '../reconciliation/load-index.ts'
import {
  anEnrollment,
  enroll,
  expectSettled,
  expectStoresAgree,
  makePerson,
  openTestGallery,
  reconcileUntilSettled,
  type TestGallery,
  withoutPort,
} from '../testing/index.ts'
import { addImage } from './add-image.ts'
import { deleteImage } from './delete-image.ts'
import { listPersonImages, readImage } from './read-images.ts'

let gallery: TestGallery
let personId: PersonId
beforeEach(async () => {
  gallery = openTestGallery()
  personId = (await makePerson(gallery)).id
})

describe('addImage', () => {
  it('answers a repeated call with the image as the first one made it', async () => {
    const { draft, picture } = anEnrollment(gallery, personId)
    const first = await addImage(gallery, { draft, picture })
    gallery.clock.advance(9)
    const again = await addImage(gallery, {
      draft: { ...draft, createdAt: gallery.clock.now() },
      picture,
    })
    expect(again).toEqual(first)
  })

  it('goes on where a dead run stopped, with the record that is there', async () => {
    const { draft, picture } = anEnrollment(gallery, personId)
    await gallery.records.images.insert({ ...draft, state: 'pending' })
    const later = { ...draft, createdAt: draft.createdAt + 9 }
    const added = await addImage(gallery, { draft: later, picture })
    expect(added).toMatchObject({ outcome: 'added', image: { createdAt: draft.createdAt } })
    await expectSettled(gallery)
  })

  it('goes on, or answers as done, at any age of its id if there is a record', async () => {
    const { draft, picture } = anEnrollment(gallery, personId)
    await gallery.records.images.insert({ ...draft, state: 'pending' })
    for (const run of ['finishes', 'answers again']) {
      gallery.clock.advance(3_600_001)
      expect((await addImage(gallery, { draft, picture })).outcome, run).toBe('added')
    }
    await deleteImage(gallery, { personId, imageId: draft.id })
    await expect(addImage(gallery, { draft, picture })).rejects.toMatchObject({ code: 'E_STALE_ID' })
  })

  it('does not finish a dead run that had another picture', async () => {
    const { draft } = anEnrollment(gallery, personId, { variation: 1 })
    await gallery.records.images.insert({ ...draft, state: 'pending' })
    const other = anEnrollment(gallery, personId, { variation: 2 })
    const outcome = await addImage(gallery, { ...other, draft: { ...other.draft, id: draft.id } })
    expect(outcome).toEqual({ outcome: 'image-not-found' })
    await reconcileUntilSettled(gallery, false)
    await expectStoresAgree(gallery)
    expect(await gallery.index.count()).toBe(0)
  })

  it.each(['absent', 'deleted', 'expired'])('stores nothing for a person who is %s', async (why) => {
    const mortal = await makePerson(gallery, { expireAt: gallery.clock.now() + 1 })
    if (why === 'expired') gallery.clock.advance(1)
    if (why === 'deleted') await deletePerson(gallery, mortal.id)
    const id = why === 'absent' ? gallery.newId<PersonId>() : mortal.id
    const { draft, picture } = anEnrollment(gallery, id)
    expect(await addImage(gallery, { draft, picture })).toEqual({ outcome: 'person-not-found' })
    expect(await gallery.records.images.find(draft.id)).toBeNull()
  })

  it.each([
    ['index', indexUnavailable(new Error('away'))],
    ['pictures', picturesUnavailable(new Error('away'))],
  ] as const)('is invisible when the %s is away, and is finished or undone later', async (port, fault) => {
    const enrollment = anEnrollment(gallery, personId)
    await expect(addImage(withoutPort(gallery, port, fault), enrollment)).rejects.toBe(fault)
    const target = { personId, imageId: enrollment.draft.id }
    expect(await readImage(gallery, target)).toEqual({ outcome: 'image-not-found' })
    await reconcileUntilSettled(gallery, true)
    await expectSettled(gallery)
    const { outcome } = await readImage(gallery, target)
    expect(outcome).toBe(port === 'index' ? 'found' : 'image-not-found')
  })
})

describe('deleteImage', () => {
  it('answers once the mark is durable, with index and pictures away', async () => {
    for (const port of ['index', 'pictures'] as const) {
      const image = await enroll(gallery, personId)
      const lame = withoutPort(gallery, port, indexUnavailable(new Error('away')))
      const target = { personId, imageId: image.id }
      expect(await deleteImage(lame, target)).toEqual({ outcome: 'deleted' })
      expect(await readImage(gallery, target)).toEqual({ outcome: 'image-not-found' })
      expect(await deleteImage(gallery, target)).toEqual({ outcome: 'image-not-found' })
    }
    await reconcileUntilSettled(gallery, false)
    await expectSettled(gallery)
  })

  it("does not find another person's image, nor the person who is not there", async () => {
    const image = await enroll(gallery, personId)
    const other = await makePerson(gallery)
    const nobody = gallery.newId<PersonId>()
    const target = (id: PersonId) => ({ personId: id, imageId: image.id })
    expect(await deleteImage(gallery, target(other.id))).toEqual({ outcome: 'image-not-found' })
    expect(await deleteImage(gallery, target(nobody))).toEqual({ outcome: 'person-not-found' })
    expect(await readImage(gallery, target(personId))).toMatchObject({ outcome: 'found' })
  })
})

describe('the images of a person', () => {
  it('are listed by decreasing id, ready ones only; of nobody they are null', async () => {
    const ids: ImageId[] = []
    for (let i = 0; i < 3; i++) ids.push((await enroll(gallery, personId, { variation: i })).id)
    const { draft } = anEnrollment(gallery, personId)
    await gallery.records.images.insert({ ...draft, state: 'pending' })
    const list = (id: PersonId) => listPersonImages(gallery, { personId: id, request: { page: 1, size: 2 } })
    const page = await list(personId)
    expect(page?.items.map(({ id }) => id)).toEqual(ids.toSorted().toReversed().slice(0, 2))
    expect(page?.totalPages).toBe(2)
    expect(await list(gallery.newId<PersonId>())).toBeNull()
  })
})

describe('loadIndex', () => {
  it('fills an empty index with what the one before it held', async () => {
    for (let i = 0; i < 5; i++) await enroll(gallery, personId, { variation: i })
    const before = gallery.index.entries()
    await gallery.index.remove(before.map(({ imageId }) => imageId))
    const progress: number[] = []
    expect(await loadIndex(gallery, { onProgress: (loaded) => progress.push(loaded) })).toBe(5)
    expect(gallery.index.entries()).toEqual(before)
    expect(progress).toEqual([5])
  })

  it('passes over what readers do not see', async () => {
    const { draft } = anEnrollment(gallery, personId)
    await gallery.records.images.insert({ ...draft, state: 'pending' })
    expect(await loadIndex(gallery)).toBe(0)
  })
})
