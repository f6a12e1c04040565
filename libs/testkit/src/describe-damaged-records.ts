import { deleteImage, deletePerson, type PageRequest, type RecordStore, reconcile } from '@semblance/core'
import { enroll, type FamilyGallery, makePerson, openTestGallery } from '@semblance/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

/** An empty store of its own for one test, whose records can be changed by hand. */
export interface DamageableStore {
  readonly records: RecordStore
  /** Changes a field of one record to something that no version writes. */
  damage(record: DamagedRecord): Promise<void>
  close(): Promise<void>
}

export interface DamagedRecord {
  readonly table: 'persons' | 'images'
  readonly id: string
  readonly field: 'metadata' | 'state' | 'createdAt' | 'bytes'
}

/** What cannot be read can still be deleted, with all that belongs to it. */
export function describeDamagedRecords(name: string, open: () => Promise<DamageableStore>): void {
  describe(`${name}: records that cannot be read`, () => {
    let store: DamageableStore
    let gallery: FamilyGallery
    beforeEach(async () => {
      store = await open()
      gallery = openTestGallery({ records: store.records })
    })
    afterEach(() => store.close())

    it.each([
      'metadata',
      'state',
      'createdAt',
    ] as const)('a person with a damaged %s is deleted by id, with pictures and vectors, and leaves a tombstone', async (field) => {
      const { id } = await makePerson(gallery)
      const images = [await enroll(gallery, id), await enroll(gallery, id, { variation: 1 })]
      const other = await enroll(gallery, (await makePerson(gallery)).id)
      await store.damage({ table: 'persons', id, field })
      await store.damage({ table: 'images', id: images[0]!.id, field: 'state' })
      await store.damage({ table: 'images', id: images[1]!.id, field: 'bytes' })
      expect(await store.records.persons.find(id)).toBeNull()

      expect(await deletePerson(gallery, id)).toEqual({ outcome: 'deleted' })
      expect(await deletePerson(gallery, id)).toEqual({ outcome: 'person-not-found' })
      expect(gallery.deferred).toEqual([])
      expect(await store.records.persons.find(id)).toMatchObject({
        state: 'gone',
        name: '',
        metadata: '{}',
        groups: [],
      })
      expect((await gallery.indexed()).map(({ imageId }) => imageId)).toEqual([other.id])
      for (const { id: imageId } of images) expect(await gallery.pictures.get(imageId)).toBeNull()
      const states = (await store.records.images.findMany(images.map((image) => image.id))).map(
        (it) => it.state,
      )
      expect(states).toEqual(['gone', 'gone'])
    })

    it('an image with a damaged size is deleted by its id, if it is that person who has it', async () => {
      const [{ id: personId }, stranger] = [await makePerson(gallery), await makePerson(gallery)]
      const { id: imageId } = await enroll(gallery, personId)
      await store.damage({ table: 'images', id: imageId, field: 'bytes' })
      const notFound = { outcome: 'image-not-found' }
      expect(await deleteImage(gallery, { personId: stranger.id, imageId })).toEqual(notFound)
      expect(await deleteImage(gallery, { personId, imageId })).toEqual({ outcome: 'deleted' })
      expect(await gallery.pictures.get(imageId)).toBeNull()
      expect(await gallery.indexed()).toEqual([])
      expect(await deleteImage(gallery, { personId, imageId })).toEqual(notFound)
    })

    it('lists go on behind a page of which nothing can be read, and count it', async () => {
      const { records } = store
      const query = { nowMs: gallery.clock.now() }
      const person = await makePerson(gallery)
      await makePerson(gallery)
      for (let n = 0; n < 2; n++) await enroll(gallery, person.id, { variation: n })
      const images = (request: PageRequest) => records.images.list([person.id], request)
      const persons = (request: PageRequest) => records.persons.list(query, request)
      const whole = { page: 1, size: 2 }
      const [newestImage, image] = (await images(whole)).items.map(({ id }) => id)
      const [newestPerson, other] = (await persons(whole)).items.map(({ id }) => id)
      await store.damage({ table: 'images', id: newestImage!, field: 'bytes' })
      await store.damage({ table: 'persons', id: newestPerson!, field: 'metadata' })
      const empty = { items: [], page: 1, totalPages: 2 }
      const [first, next] = [{ page: 1, size: 1 }, (cursor: string) => ({ page: 1, size: 1, cursor })]
      expect(await persons(first)).toEqual({ ...empty, nextCursor: newestPerson })
      expect(await persons(next(newestPerson!))).toMatchObject({ items: [{ id: other }], totalPages: 1 })
      expect(await images(first)).toEqual({ ...empty, nextCursor: newestImage })
      expect(await images(next(newestImage!))).toMatchObject({ items: [{ id: image }], totalPages: 1 })
    })

    it('a person that is damaged between mark and erasure is erased by the reconciler', async () => {
      const { id, rev } = await makePerson(gallery)
      await store.records.persons.update({ id, rev }, { state: 'deleting' })
      await store.damage({ table: 'persons', id, field: 'metadata' })
      await reconcile(gallery, { waitsForOthers: false })
      expect(await store.records.persons.find(id)).toMatchObject({ state: 'gone', name: '', metadata: '{}' })
    })

    it('nobody who can be read, is gone, or was never there is marked', async () => {
      const [{ id, rev }, gone] = [await makePerson(gallery), await makePerson(gallery)]
      await store.records.persons.update(gone, { state: 'gone' })
      await store.damage({ table: 'persons', id: gone.id, field: 'createdAt' })
      const updatedAt = gallery.clock.now()
      for (const it of [id, gone.id, gallery.newId<typeof id>()])
        expect(await store.records.persons.markUnreadable({ id: it, updatedAt })).toBe(false)
      expect(await store.records.persons.find(id)).toMatchObject({ state: 'live', rev })
    })

    it('whoever read the record before it was marked writes no more', async () => {
      const person = await makePerson(gallery)
      await store.damage({ table: 'persons', id: person.id, field: 'createdAt' })
      const { id, rev } = person
      await store.records.persons.markUnreadable({ id, updatedAt: gallery.clock.now() })
      expect(await store.records.persons.update({ id, rev }, { name: 'Grace' })).toBeNull()
      expect(await store.records.persons.find(id)).toMatchObject({ state: 'deleting', name: '' })
    })
  })
}
