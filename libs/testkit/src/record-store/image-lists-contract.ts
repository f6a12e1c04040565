import type { EnrolledImage, ImageId, PackId, PersonId, RecordStore } from '@semblance/core'
import { aDescriptor, anImage, aPerson, newTestId } from '@semblance/core/testing'
import { describe, expect, it } from 'vitest'
import type { OpenRecordStore } from './record-store-contract.ts'
import { useStore } from './store-under-test.ts'

export function describeImageLists(open: OpenRecordStore): void {
  describe('lists of images', () => {
    const use = useStore(open)

    it('hold the ready ones of a person, by decreasing id, a page at a time', async () => {
      const personId = newTestId<PersonId>()
      const ready = await insertMany(use.store, [
        anImage({ personId }),
        anImage({ personId }),
        anImage({ personId }),
      ])
      await insertMany(use.store, [
        anImage({ personId, state: 'pending' }),
        anImage({ personId, state: 'deleting' }),
        anImage(),
      ])
      const newestFirst = ready.map(({ descriptor: _, ...record }) => record).toReversed()
      const first = await use.store.images.list([personId], { page: 1, size: 2 })
      const nextCursor = newestFirst[1]!.id
      expect(first).toEqual({ items: newestFirst.slice(0, 2), page: 1, totalPages: 2, nextCursor })
      const second = await use.store.images.list([personId], { page: 2, size: 2 })
      expect(second.items).toEqual(newestFirst.slice(2))
    })

    it('go on after a cursor, and skip none while images are deleted', async () => {
      const personId = newTestId<PersonId>()
      const made = await insertMany(
        use.store,
        [1, 2, 3, 4, 5].map(() => anImage({ personId })),
      )
      const ids = made.map(({ id }) => id).toReversed()
      const first = await use.store.images.list([personId], { page: 1, size: 2 })
      for (const id of ids.slice(0, 2)) await use.store.images.move(id, { from: ['ready'], to: 'deleting' })
      const cursor = first.nextCursor!
      const second = await use.store.images.list([personId], { page: 1, size: 2, cursor })
      expect(second.items.map(({ id }) => id)).toEqual(ids.slice(2, 4))
      expect(second).toMatchObject({ totalPages: 2, nextCursor: ids[3] })
    })

    it('hold those of several persons, by decreasing id', async () => {
      const [one, other] = [newTestId<PersonId>(), newTestId<PersonId>()]
      const made = await insertMany(
        use.store,
        [one, other, newTestId<PersonId>(), one].map((personId) => anImage({ personId })),
      )
      await insertMany(use.store, [anImage({ personId: other, state: 'pending' })])
      const ids = [made[3]!.id, made[1]!.id, made[0]!.id]
      const first = await use.store.images.list([other, one], { page: 1, size: 2 })
      expect(first.items.map(({ id }) => id)).toEqual(ids.slice(0, 2))
      expect(first).toMatchObject({ totalPages: 2, nextCursor: ids[1] })
      const cursor = first.nextCursor!
      const second = await use.store.images.list([other, one], { page: 1, size: 2, cursor })
      expect(second.items.map(({ id }) => id)).toEqual(ids.slice(2))
      expect(second.nextCursor).toBeNull()
    })

    it('are empty for a person without images', async () => {
      const page = await use.store.images.list([newTestId<PersonId>()], { page: 1, size: 2 })
      expect(page).toEqual({ items: [], page: 1, totalPages: 0, nextCursor: null })
    })

    it('for a delete hold every image that is not a tombstone', async () => {
      const personId = newTestId<PersonId>()
      const states = ['pending', 'ready', 'deleting'] as const
      const images = await insertMany(
        use.store,
        states.map((state) => anImage({ personId, state })),
      )
      const [gone, erased] = await insertMany(use.store, [anImage({ personId }), anImage({ personId })])
      await use.store.images.move(gone!.id, { from: ['ready'], to: 'gone' })
      await use.store.images.move(erased!.id, { from: ['ready'], to: 'gone' })
      await use.store.images.move(erased!.id, { from: ['gone'], to: 'erased' })
      const listed = await use.store.images.listIds(personId)
      expect(listed.toSorted()).toEqual(images.map(({ id }) => id).toSorted())
    })
  })

  describe('scans of the enrolled', () => {
    const use = useStore(open)

    it('bring ready images of live persons with descriptor and person, by increasing id', async () => {
      const ada = aPerson({ groups: [newTestId()], rev: 4, metadata: '{"a":1}', expireAt: 1 })
      const grace = aPerson({ name: 'Grace', dirty: true })
      await use.store.persons.insert(ada)
      await use.store.persons.insert(grace)
      const images = await insertMany(use.store, [
        anImage({ personId: ada.id, descriptor: aDescriptor(1) }),
        anImage({
          personId: grace.id,
          descriptor: aDescriptor(2, { packId: 'b@1' as PackId, dimensions: 8 }),
        }),
        anImage({ personId: ada.id, descriptor: aDescriptor(3) }),
      ])
      const rows = await use.store.images.scanEnrolled({ after: null, limit: 10 })
      expect(rows).toEqual(
        images.map((image) => ({ image, person: image.personId === ada.id ? ada : grace })),
      )
    })

    it('pass over images and persons that are not to be found', async () => {
      const [live, pending, deleting] = [
        aPerson(),
        aPerson({ state: 'pending' }),
        aPerson({ state: 'deleting' }),
      ]
      for (const person of [live, pending, deleting]) await use.store.persons.insert(person)
      await insertMany(use.store, [
        anImage({ personId: pending.id }),
        anImage({ personId: deleting.id }),
        anImage({ personId: live.id, state: 'pending' }),
        anImage({ personId: live.id, state: 'deleting' }),
        anImage(),
      ])
      const [found] = await insertMany(use.store, [anImage({ personId: live.id })])
      const rows = await use.store.images.scanEnrolled({ after: null, limit: 10 })
      expect(rows.map(({ image }) => image.id)).toEqual([found?.id])
    })

    it('bring images of merged persons with whom these were merged into, in the end', async () => {
      const staying = aPerson({ groups: [newTestId()] })
      const between = aPerson({ state: 'merging', mergedInto: staying.id })
      const first = aPerson({ state: 'merged', mergedInto: between.id })
      const about = aPerson({ mergedInto: staying.id })
      const lost = aPerson({ state: 'merged', mergedInto: newTestId<PersonId>() })
      const deleted = aPerson({ state: 'deleting' })
      const lostToo = aPerson({ state: 'merged', mergedInto: deleted.id })
      for (const person of [staying, between, first, about, lost, deleted, lostToo])
        await use.store.persons.insert(person)
      const images = await insertMany(
        use.store,
        [lost, first, lostToo, about, between, staying].map(({ id }) => anImage({ personId: id })),
      )
      const [, ofFirst, , ofAbout, ...rest] = images
      const wanted = [
        { image: ofFirst, person: staying },
        { image: ofAbout, person: about },
        ...rest.map((image) => ({ image, person: staying })),
      ]
      expect(await use.store.images.scanEnrolled({ after: null, limit: 10 })).toEqual(wanted)
      // Only the end makes a short list, however many were passed over.
      expect(await use.store.images.scanEnrolled({ after: null, limit: 2 })).toEqual(wanted.slice(0, 2))
    })

    it('see every record once when read page by page', async () => {
      const person = aPerson()
      await use.store.persons.insert(person)
      const images = await insertMany(
        use.store,
        Array.from({ length: 7 }, (_, i) => anImage({ personId: person.id, descriptor: aDescriptor(i) })),
      )
      const seen: EnrolledImage[] = []
      let after: ImageId | null = null
      for (;;) {
        const rows = await use.store.images.scanEnrolled({ after, limit: 3 })
        if (rows.length === 0) break
        seen.push(...rows.map(({ image }) => image))
        after = rows.at(-1)!.image.id
      }
      expect(seen).toEqual(images)
    })
  })
}

async function insertMany(store: RecordStore, images: readonly EnrolledImage[]) {
  await Promise.all(images.map((image) => store.images.insert(image)))
  return images
}
