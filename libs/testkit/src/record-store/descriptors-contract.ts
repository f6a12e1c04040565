import type { EnrolledImage, ImageId, PackId, PackQuery } from '@semblance/core'
import { aDescriptor, anImage, aPerson, newTestId } from '@semblance/core/testing'
import { describe, expect, it } from 'vitest'
import type { OpenRecordStore } from './record-store-contract.ts'
import { useStore } from './store-under-test.ts'

const OWN = aDescriptor(1).packId
const NEXT = 'next@2' as PackId
const THIRD = 'third@1' as PackId
const FIRST_PART: PackQuery = { packId: NEXT, after: null, limit: 10 }
const VALUES = Float32Array.of(0.6, -0.8)

/** Descriptors of packs that images were not enrolled with. */
export function describeDescriptors(open: OpenRecordStore): void {
  describe('descriptors of images by pack', () => {
    const use = useStore(open)

    async function enrolled(given: Partial<EnrolledImage> = {}): Promise<EnrolledImage> {
      const person = aPerson()
      const image = anImage({ personId: person.id, ...given })
      await use.store.persons.insert(person)
      await use.store.images.insert(image)
      return image
    }
    const note = (imageId: ImageId, packId = NEXT, values = VALUES) =>
      use.store.descriptors.note({ imageId, packId, values })
    const undescribed = (imageId: ImageId) =>
      use.store.descriptors.note({ imageId, packId: NEXT, why: 'no-face' })
    const sorted = (images: readonly EnrolledImage[]) =>
      images.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map(({ id }) => id)

    it('are the own one and what is noted, to the bit', async () => {
      const image = await enrolled()
      const values = Float32Array.of(-0, 1e-45, 1 / 3)
      expect(await note(image.id, NEXT, values)).toBe(true)
      const find = (packId: PackId) => use.store.descriptors.find({ imageId: image.id, packId })
      expect(await find(OWN)).toEqual(image.descriptor)
      const found = await find(NEXT)
      expect(found).toEqual({ packId: NEXT, values })
      expect(Object.is(found?.values[0], -0)).toBe(true)
      expect(await find(THIRD)).toBeNull()
      expect(await use.store.images.find(image.id)).toEqual(image)
    })

    it('take a window of a larger buffer, and the place of an earlier note', async () => {
      const image = await enrolled()
      await undescribed(image.id)
      await note(image.id, NEXT, Float32Array.of(9, 0.6, -0.8, 9).subarray(1, 3))
      const found = await use.store.descriptors.find({ imageId: image.id, packId: NEXT })
      expect(found?.values).toEqual(VALUES)
      expect(await use.store.descriptors.countUndescribed(NEXT)).toBe(0)
    })

    it('tell the quality of an image that has none, and leave one that it has', async () => {
      const [bare, judged] = [await enrolled({ quality: null }), await enrolled({ quality: 70 })]
      for (const { id } of [bare, judged])
        await use.store.descriptors.note({ imageId: id, packId: NEXT, values: VALUES, quality: 42 })
      expect((await use.store.images.find(bare.id))?.quality).toBe(42)
      expect(await use.store.images.find(judged.id)).toEqual(judged)
      await use.store.descriptors.note({ imageId: bare.id, packId: THIRD, values: VALUES, quality: 99 })
      expect((await use.store.images.findMany([bare.id]))[0]?.quality).toBe(42)
      await use.store.images.move(bare.id, { from: ['ready'], to: 'deleting' })
      expect(
        await use.store.descriptors.note({ imageId: bare.id, packId: NEXT, values: VALUES, quality: 1 }),
      ).toBe(false)
    })

    it('tell quality and damage by pack, of each image that the pack has judged', async () => {
      const own = await enrolled({ quality: 70, damage: 0.25 })
      const [judged, bare, plain] = [await enrolled({ quality: 70, damage: 0.25 }), await enrolled(), own]
      const ids = [judged.id, bare.id, plain.id]
      const note = { packId: NEXT, values: VALUES }
      await use.store.descriptors.note({ ...note, imageId: judged.id, quality: 42, damage: 0 })
      await use.store.descriptors.note({ ...note, imageId: bare.id, quality: 55, damage: 0.5 })
      await use.store.descriptors.note({ ...note, imageId: plain.id })
      await undescribed((await enrolled()).id)
      const told = async (packId: PackId) => {
        const found = await use.store.images.findJudged({ ids: [...ids, newTestId<ImageId>()], packId })
        const byId = new Map(found.map((image) => [image.id, image]))
        expect(byId.size).toBe(ids.length)
        return ids.map((id) => [byId.get(id)?.quality, byId.get(id)?.damage])
      }
      expect(await told(NEXT)).toEqual([
        [42, 0],
        [55, 0.5],
        [70, 0.25],
      ])
      // Who had none has the first one that was told.
      expect(await told(OWN)).toEqual([
        [70, 0.25],
        [55, 0.5],
        [70, 0.25],
      ])
      expect(await told(THIRD)).toEqual(await told(OWN))
      const { descriptor: _, ...record } = judged
      expect(await use.store.images.findJudged({ ids: [judged.id], packId: OWN })).toEqual([record])
      const scanned = await use.store.descriptors.scan(FIRST_PART)
      const row = scanned.find(({ image }) => image.id === judged.id)
      expect([row?.image.quality, row?.image.damage]).toEqual([42, 0])
    })

    it('give an image that is left with them their quality', async () => {
      const [judged, plain] = [await enrolled({ quality: 70, damage: 0.25 }), await enrolled({ quality: 80 })]
      const note = { packId: NEXT, values: VALUES }
      await use.store.descriptors.note({ ...note, imageId: judged.id, quality: 42, damage: 0 })
      await use.store.descriptors.note({ ...note, imageId: plain.id })
      while ((await use.store.descriptors.keepOnly({ packId: NEXT, limit: 9 })) > 0);
      const left = await Promise.all([judged.id, plain.id].map((id) => use.store.images.find(id)))
      expect(left.map((image) => [image?.quality, image?.damage])).toEqual([
        [42, 0],
        [80, plain.damage ?? null],
      ])
      const listed = await use.store.images.list([judged.personId], { page: 1, size: 10 })
      expect(listed.items).toMatchObject([{ quality: 42, damage: 0 }])
    })

    it.each([
      'deleting',
      'gone',
      'erased',
    ] as const)('are not noted for an image that is %s', async (state) => {
      const image = await enrolled({ state })
      expect(await note(image.id)).toBe(false)
      expect(await note(newTestId<ImageId>())).toBe(false)
      expect(await use.store.descriptors.find({ imageId: image.id, packId: NEXT })).toBeNull()
    })

    it('are noted for one that is pending, which no scan shows yet', async () => {
      const image = await enrolled({ state: 'pending' })
      expect(await note(image.id)).toBe(true)
      expect(await use.store.descriptors.scan(FIRST_PART)).toEqual([])
      await use.store.images.move(image.id, { from: ['pending'], to: 'ready' })
      expect(await use.store.descriptors.scan(FIRST_PART)).toHaveLength(1)
    })

    it('go with the image: neither a scan nor a list has what was noted of a deleted one', async () => {
      const [one, other] = [await enrolled(), await enrolled()]
      await note(one.id)
      await undescribed(other.id)
      for (const { id } of [one, other]) {
        await use.store.images.move(id, { from: ['ready'], to: 'deleting' })
        await use.store.images.move(id, { from: ['deleting'], to: 'gone' })
        expect(await use.store.descriptors.find({ imageId: id, packId: NEXT })).toBeNull()
      }
      expect(await use.store.descriptors.scan(FIRST_PART)).toEqual([])
      expect(await use.store.descriptors.listUndescribed(FIRST_PART)).toEqual([])
      expect(await use.store.descriptors.countUndescribed(NEXT)).toBe(0)
    })

    it('are scanned by pack, with their persons, in the order of ids', async () => {
      const images = await Promise.all([1, 2, 3, 4].map(() => enrolled()))
      const [first, second, third, fourth] = images
      for (const { id } of [first!, third!, fourth!]) await note(id)
      await undescribed(second!.id)
      const rows = await use.store.descriptors.scan(FIRST_PART)
      expect(rows.map(({ image }) => image.id)).toEqual(sorted([first!, third!, fourth!]))
      for (const { image, person } of rows) {
        expect(image.descriptor).toEqual({ packId: NEXT, values: VALUES })
        expect(person.id).toBe(image.personId)
      }
      const own = await use.store.descriptors.scan({ ...FIRST_PART, packId: OWN })
      expect(own).toEqual(await use.store.images.scanEnrolled({ after: null, limit: 10 }))
      const behind = { ...FIRST_PART, after: rows[0]!.image.id, limit: 1 }
      expect(await use.store.descriptors.scan(behind)).toEqual(rows.slice(1, 2))
    })

    it('tell which images nobody has described yet, in parts', async () => {
      const images = await Promise.all([1, 2, 3, 4, 5].map(() => enrolled()))
      await enrolled({ state: 'pending' })
      await enrolled({ descriptor: { packId: NEXT, values: VALUES } })
      await note(images[0]!.id)
      await undescribed(images[1]!.id)
      const found: ImageId[] = []
      for (let after: ImageId | null = null; ; ) {
        const part = await use.store.descriptors.listLacking({ packId: NEXT, after, limit: 2 })
        expect(part.ids.length).toBeLessThanOrEqual(2)
        found.push(...part.ids)
        if (part.last === null) break
        after = part.last
      }
      expect(found).toEqual(sorted(images.slice(2)))
    })

    it('tell why there is none', async () => {
      const images = await Promise.all([1, 2, 3].map(() => enrolled()))
      for (const { id } of images) await undescribed(id)
      await use.store.descriptors.note({ imageId: images[0]!.id, packId: THIRD, why: 'picture-missing' })
      const all = await use.store.descriptors.listUndescribed(FIRST_PART)
      expect(all.map(({ imageId }) => imageId)).toEqual(sorted(images))
      const { id: imageId, personId } = images[0]!
      expect(all).toContainEqual({ imageId, personId, why: 'no-face' })
      expect(await use.store.descriptors.countUndescribed(NEXT)).toBe(3)
      const behind = { ...FIRST_PART, after: all[0]!.imageId, limit: 1 }
      expect(await use.store.descriptors.listUndescribed(behind)).toEqual([all[1]])
    })

    it('sample ready images, each once', async () => {
      const images = await Promise.all([1, 2, 3, 4].map(() => enrolled()))
      await enrolled({ state: 'deleting' })
      const some = await use.store.descriptors.sampleIds({ limit: 3 })
      expect(new Set(some).size).toBe(3)
      expect(images.map(({ id }) => id)).toEqual(expect.arrayContaining([...some]))
      expect(await use.store.descriptors.sampleIds({ limit: 9 })).toHaveLength(4)
    })

    it('are left with those of one pack alone; what that one made nothing of keeps its own', async () => {
      const images = await Promise.all([1, 2, 3].map(() => enrolled()))
      const [one, two, three] = images
      for (const { id } of [one!, two!]) {
        await note(id)
        await note(id, THIRD)
      }
      await undescribed(three!.id)
      await note(three!.id, THIRD)
      let calls = 0
      for (; (await use.store.descriptors.keepOnly({ packId: NEXT, limit: 1 })) > 0; calls++);
      expect(calls).toBeGreaterThan(1)
      for (const { id } of [one!, two!]) {
        const found = await use.store.images.find(id)
        expect(found?.descriptor).toEqual({ packId: NEXT, values: VALUES })
        expect(await use.store.descriptors.find({ imageId: id, packId: OWN })).toBeNull()
      }
      expect(await use.store.images.find(three!.id)).toEqual(three)
      for (const { id } of images)
        expect(await use.store.descriptors.find({ imageId: id, packId: THIRD })).toBeNull()
      expect(await use.store.descriptors.countUndescribed(NEXT)).toBe(1)
      expect((await use.store.descriptors.listLacking(FIRST_PART)).ids).toEqual([])
      expect(await use.store.descriptors.scan(FIRST_PART)).toHaveLength(2)
    })
  })
}
