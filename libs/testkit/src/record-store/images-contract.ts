import type { ImageId, PackId, PersonId } from '@semblance/core'
import { aDescriptor, anImage, aPerson, newTestId } from '@semblance/core/testing'
import { describe, expect, it } from 'vitest'
import type { OpenRecordStore } from './record-store-contract.ts'
import { countWinners, RIVALS, useStore } from './store-under-test.ts'

export function describeImages(open: OpenRecordStore): void {
  describe('images', () => {
    const use = useStore(open)

    it('come back as they were inserted, the descriptor to the bit', async () => {
      const values = Float32Array.of(-0, 1e-45, -3.4028234663852886e38, 1 / 3, 0.1)
      const image = anImage({ descriptor: { packId: 'other@2' as PackId, values }, state: 'pending' })
      expect(await use.store.images.insert(image)).toBe(true)
      const found = await use.store.images.find(image.id)
      expect(found).toEqual(image)
      expect(Object.is(found?.descriptor.values[0], -0)).toBe(true)
    })

    it('take a descriptor that is a window of a larger buffer', async () => {
      const batch = Float32Array.from({ length: 30 }, (_, i) => i)
      const image = anImage({ descriptor: { packId: 'p@1' as PackId, values: batch.subarray(10, 20) } })
      await use.store.images.insert(image)
      const found = await use.store.images.find(image.id)
      expect(found?.descriptor.values).toEqual(batch.slice(10, 20))
    })

    it.each([93.5, 0, 100, null])('keep a quality of %s, also in lists and scans', async (quality) => {
      const person = aPerson()
      await use.store.persons.insert(person)
      const image = anImage({ personId: person.id, quality })
      await use.store.images.insert(image)
      const { descriptor: _, ...record } = image
      expect((await use.store.images.find(image.id))?.quality).toBe(quality)
      expect(await use.store.images.findMany([image.id])).toEqual([record])
      const listed = await use.store.images.list([person.id], { page: 1, size: 10 })
      expect(listed.items).toEqual([record])
      const scanned = await use.store.images.scanEnrolled({ after: null, limit: 100 })
      expect(scanned.find((row) => row.image.id === image.id)?.image).toEqual(image)
      await use.store.images.move(image.id, { from: ['ready'], to: 'gone' })
      expect((await use.store.images.find(image.id))?.quality).toBeNull()
    })

    it.each([0.25, 0, 1, null])('keep a damage of %s, also in lists and scans', async (damage) => {
      const person = aPerson()
      await use.store.persons.insert(person)
      const image = anImage({ personId: person.id, quality: 70, damage })
      await use.store.images.insert(image)
      const { descriptor: _, ...record } = image
      expect((await use.store.images.find(image.id))?.damage).toBe(damage)
      expect(await use.store.images.findMany([image.id])).toEqual([record])
      const listed = await use.store.images.list([person.id], { page: 1, size: 10 })
      expect(listed.items).toEqual([record])
      const scanned = await use.store.images.scanEnrolled({ after: null, limit: 100 })
      expect(scanned.find((row) => row.image.id === image.id)?.image).toEqual(image)
      await use.store.images.move(image.id, { from: ['ready'], to: 'gone' })
      expect((await use.store.images.find(image.id))?.damage).toBeNull()
    })

    it('leave the caller its descriptor', async () => {
      const image = anImage()
      await use.store.images.insert(image)
      expect(image.descriptor).toEqual(aDescriptor(1))
    })

    it('are found many at once, without descriptors, unknown ids left out', async () => {
      const [one, two] = [anImage(), anImage({ state: 'deleting' })]
      await use.store.images.insert(one)
      await use.store.images.insert(two)
      const { descriptor: _, ...record } = two
      expect(await use.store.images.findMany([newTestId<ImageId>(), two.id])).toEqual([record])
    })

    it('are told from ids that nobody inserted', async () => {
      const [one, two] = [anImage(), anImage({ state: 'deleting' })]
      for (const image of [one, two]) await use.store.images.insert(image)
      await use.store.images.move(two.id, { from: ['deleting'], to: 'gone' })
      const recorded = await use.store.images.recordedIds([one.id, newTestId<ImageId>(), two.id])
      expect(recorded.toSorted()).toEqual([one.id, two.id].toSorted())
      expect(await use.store.images.recordedIds([])).toEqual([])
    })

    it('tell who among persons has one that is ready', async () => {
      const states = ['ready', 'pending', 'deleting', 'ready'] as const
      const images = states.map((state) => anImage({ state }))
      for (const image of [...images, anImage({ personId: images[0]!.personId })])
        await use.store.images.insert(image)
      const [first, second, third, fourth] = images.map(({ personId }) => personId)
      const among = (ids: readonly PersonId[]) => use.store.images.ownersAmong(ids)
      expect(await among([newTestId<PersonId>(), first!, second!, third!])).toEqual([first])
      expect(await among([])).toEqual([])
      expect(await use.store.images.countOf([newTestId<PersonId>(), first!, second!, fourth!])).toBe(3)
      expect(await use.store.images.countOf([])).toBe(0)
      await use.store.images.move(images[3]!.id, { from: ['ready'], to: 'deleting' })
      expect(await among([fourth!])).toEqual([])
    })

    it('are null when nobody inserted them', async () => {
      expect(await use.store.images.find(newTestId<ImageId>())).toBeNull()
    })

    it('are inserted once, whatever became of them', async () => {
      const image = anImage()
      await use.store.images.insert(image)
      expect(await use.store.images.insert({ ...image, bytes: 9 })).toBe(false)
      await use.store.images.move(image.id, { from: ['ready'], to: 'gone' })
      expect(await use.store.images.insert(image)).toBe(false)
      expect((await use.store.images.find(image.id))?.state).toBe('gone')
    })

    it('are inserted by exactly one of many who try the same id at once', async () => {
      const id = newTestId<ImageId>()
      const rivals = RIVALS.map((i) => use.store.images.insert(anImage({ id, bytes: i })))
      expect(await countWinners(rivals)).toBe(1)
    })
  })

  describe('moves of an image', () => {
    const use = useStore(open)

    it('happen from the states given, and from no other', async () => {
      const image = anImage({ state: 'pending' })
      await use.store.images.insert(image)
      expect(await use.store.images.move(image.id, { from: ['ready', 'deleting'], to: 'gone' })).toBe(false)
      expect(await use.store.images.find(image.id)).toEqual(image)
      expect(await use.store.images.move(image.id, { from: ['ready', 'pending'], to: 'ready' })).toBe(true)
      expect(await use.store.images.find(image.id)).toEqual({ ...image, state: 'ready' })
    })

    it('of an unknown image do not happen', async () => {
      const move = { from: ['pending'], to: 'ready' } as const
      expect(await use.store.images.move(newTestId<ImageId>(), move)).toBe(false)
    })

    it('are won by exactly one of many at once', async () => {
      const image = anImage({ state: 'pending' })
      await use.store.images.insert(image)
      const rivals = RIVALS.map((i) =>
        use.store.images.move(image.id, { from: ['pending'], to: i % 2 === 0 ? 'ready' : 'deleting' }),
      )
      expect(await countWinners(rivals)).toBe(1)
    })

    it('to gone, and on to erased, leave nothing of the face or the picture', async () => {
      const image = anImage({ state: 'deleting' })
      await use.store.images.insert(image)
      for (const [from, to] of [['deleting', 'gone'] as const, ['gone', 'erased'] as const]) {
        expect(await use.store.images.move(image.id, { from: [from], to })).toBe(true)
        const left = await use.store.images.find(image.id)
        expect(left).toMatchObject({
          id: image.id,
          personId: image.personId,
          state: to,
          sha256: '',
          bytes: 0,
        })
        expect(left?.createdAt).toBe(image.createdAt)
        expect(left?.descriptor.values).toHaveLength(0)
      }
    })
  })
}
