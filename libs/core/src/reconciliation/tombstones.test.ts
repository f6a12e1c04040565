import { beforeEach, describe, expect, it } from 'vitest'
import { addImage } from '../images/add-image.ts'
import { deleteImage } from '../images/delete-image.ts'
import { listPersonImages } from '../images/read-images.ts'
import { changePerson } from '../persons/change-person.ts'
import { deletePerson, erasePerson } from '../persons/delete-person.ts'
import {
  anEnrollment,
  crashAt,
  type Enrollment,
  enroll,
  expectForgotten,
  expectNothingHalfWritten,
  expectSettled,
  expectStoresAgree,
  makePerson,
  openTestGallery,
  pauseAt,
  reconcileUntilSettled,
  type TestGallery,
} from '../testing/index.ts'
import { reconcile } from './reconcile.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** Of `addImage`: persons.find, images.insert, pictures.put, index.upsert. */
const [BEFORE_PICTURE, AFTER_VECTOR] = [
  { n: 2, when: 'before' },
  { n: 3, when: 'after' },
] as const

let gallery: TestGallery
let enrollment: Enrollment
beforeEach(async () => {
  gallery = openTestGallery()
  const { id } = await makePerson(gallery)
  enrollment = anEnrollment(gallery, id)
})

const pass = () => reconcile(gallery, { waitsForOthers: true })
const leftovers = async () => {
  const pictures = await gallery.pictures.list({ after: null, limit: 10, untouchedMs: 0 })
  return { vectors: gallery.index.entries().length, pictures: pictures.length }
}

/** A writer that sleeps before its picture, while the person is deleted and time goes by; then writes and dies. */
async function sleepThroughErasure(sleptMs: number): Promise<void> {
  const zombie = pauseAt(crashAt(gallery, AFTER_VECTOR), BEFORE_PICTURE)
  const adding = addImage(zombie.gallery, enrollment).catch(() => null)
  await zombie.reached
  await deletePerson(gallery, enrollment.draft.personId)
  expect(await leftovers()).toEqual({ vectors: 0, pictures: 0 })
  gallery.clock.advance(sleptMs)
  await pass()
  zombie.resume()
  await adding
  expect(await leftovers()).toEqual({ vectors: 1, pictures: 1 })
}

describe('what a zombie puts back after an erasure', () => {
  it('is invisible, and erased once more when the tombstone is 5 minutes old', async () => {
    await sleepThroughErasure(4 * MINUTE)
    await expectNothingHalfWritten(gallery)
    expect((await pass()).found['gone-image']).toBe(0)
    gallery.clock.advance(MINUTE)
    expect((await pass()).found['gone-image']).toBe(1)
    expect(await leftovers()).toEqual({ vectors: 0, pictures: 0 })
    await expectSettled(gallery)
  })

  it('is invisible, and erased before the tombstone goes, if it slept for longer', async () => {
    await sleepThroughErasure(6 * MINUTE)
    await expectNothingHalfWritten(gallery)
    gallery.clock.advance(23 * HOUR)
    await pass()
    expect(await leftovers()).toEqual({ vectors: 1, pictures: 1 })
    gallery.clock.advance(HOUR)
    expect((await pass()).found['erased-image']).toBe(1)
    expect(await leftovers()).toEqual({ vectors: 0, pictures: 0 })
  })

  it('is taken back at once if it lives on', async () => {
    const zombie = pauseAt(gallery, BEFORE_PICTURE)
    const adding = addImage(zombie.gallery, enrollment)
    await zombie.reached
    await deletePerson(gallery, enrollment.draft.personId)
    gallery.clock.advance(6 * MINUTE)
    await pass()
    zombie.resume()
    expect((await adding).outcome).toBe('person-not-found')
    expect(await leftovers()).toEqual({ vectors: 0, pictures: 0 })
  })
})

describe('a job that comes back from the dead', () => {
  it('does not bring back the image that was deleted meanwhile', async () => {
    const { personId, id: imageId } = enrollment.draft
    await addImage(gallery, enrollment)
    await deleteImage(gallery, { personId, imageId })
    expect((await addImage(gallery, enrollment)).outcome).toBe('image-not-found')
    const page = await listPersonImages(gallery, { personId, request: { page: 1, size: 10 } })
    expect(page?.items).toEqual([])
    await expectSettled(gallery)
  })

  it('is refused with E_STALE_ID an hour after its id was made, long before the tombstone goes', async () => {
    gallery.clock.advance(HOUR)
    expect((await addImage(gallery, enrollment)).outcome).toBe('added')
    const late = anEnrollment(gallery, enrollment.draft.personId)
    gallery.clock.advance(HOUR + 1)
    await expect(addImage(gallery, late)).rejects.toMatchObject({ code: 'E_STALE_ID', retryable: false })
    expect((await leftovers()).pictures).toBe(1)
  })

  it('takes a person that was imported with another kind of id', async () => {
    const draft = {
      ...enrollment.draft,
      id: '919108f7-52d1-4320-9bac-f847db4148a8' as typeof enrollment.draft.id,
    }
    expect((await addImage(gallery, { ...enrollment, draft })).outcome).toBe('added')
  })
})

describe('one pass of the reconciler', () => {
  it('leaves alone what somebody may still be at work on', async () => {
    await gallery.records.images.insert({ ...enrollment.draft, state: 'pending' })
    gallery.clock.advance(2 * MINUTE - 1)
    expect((await pass()).found['pending-image']).toBe(0)
    gallery.clock.advance(1)
    expect((await pass()).found['pending-image']).toBe(1)
  })

  it('deletes who has expired, with all pictures', async () => {
    const { id } = await makePerson(gallery, { expireAt: gallery.clock.now() + HOUR })
    await enroll(gallery, id)
    gallery.clock.advance(HOUR)
    expect((await pass()).found['expired-person']).toBe(1)
    expect(await gallery.records.persons.find(id)).toMatchObject({ state: 'gone', name: '' })
    await expectSettled(gallery)
  })

  it('goes on after a record that cannot be mended, and tells of it', async () => {
    const others = [anEnrollment(gallery, enrollment.draft.personId), enrollment]
    for (const { draft } of others) await gallery.records.images.insert({ ...draft, state: 'deleting' })
    const sick = {
      ...gallery,
      pictures: {
        ...gallery.pictures,
        delete: async (id: string) => {
          if (id === enrollment.draft.id) throw new Error('a bad sector')
        },
      },
    }
    await reconcile(sick, { waitsForOthers: false })
    expect(gallery.deferred.map(({ step }) => step)).toEqual(['reconcile deleting-image'])
    expect(await gallery.records.images.find(others[0]!.draft.id)).toMatchObject({ state: 'gone' })
    await reconcileUntilSettled(gallery, false)
    await expectStoresAgree(gallery)
  })

  it('finishes a person with more pictures than one pass takes in the passes after', async () => {
    const { personId } = enrollment.draft
    for (let i = 0; i < 450; i++) {
      const { draft } = anEnrollment(gallery, personId)
      await gallery.records.images.insert({ ...draft, state: 'ready' })
    }
    const decide = () => ({ state: 'deleting' }) as const
    await changePerson(gallery, { id: personId, decide })
    await erasePerson(gallery, personId, { atMost: 50 })
    const left = async () => (await gallery.records.images.listIds(personId)).length
    expect(await left()).toBe(400)
    await reconcileUntilSettled(gallery, false)
    expect(await left()).toBe(0)
    expect(await gallery.records.persons.find(personId)).toMatchObject({ state: 'gone' })
  })

  it('stops between two records when it is told to', async () => {
    for (const { draft } of [enrollment, anEnrollment(gallery, enrollment.draft.personId)])
      await gallery.records.images.insert({ ...draft, state: 'deleting' })
    const stopping = new AbortController()
    const pictures = { ...gallery.pictures, delete: async () => stopping.abort(new Error('stop')) }
    const stopped = reconcile({ ...gallery, pictures }, { waitsForOthers: false, signal: stopping.signal })
    await expect(stopped).rejects.toThrow('stop')
    await reconcileUntilSettled(gallery, false)
    await expectForgotten(gallery)
  })
})
