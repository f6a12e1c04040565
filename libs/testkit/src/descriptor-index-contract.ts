import type { DescriptorIndex, PackId } from '@semblance/core'
import { SIGNS, searchNaively, TEST_PACK } from '@semblance/core/testing'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { aGallery, aSearch } from './descriptor-index/a-gallery.ts'
import { claimsOfFiltering } from './descriptor-index/claims-of-filtering.ts'
import { claimsOfRaces } from './descriptor-index/claims-of-races.ts'
import { claimsOfRanking } from './descriptor-index/claims-of-ranking.ts'
import { claimsOfBooks, claimsOfRefusing } from './descriptor-index/claims-of-refusing.ts'
import { claimsOfWriting } from './descriptor-index/claims-of-writing.ts'

export interface DescriptorIndexSetup {
  readonly packId: PackId
  readonly dimensions: number
}

/**
 * What the docstrings of `DescriptorIndex` promise, as claims. One index serves them all and is emptied in between,
 * because opening one may take a while.
 * @param open an empty index for such descriptors; the suite closes it
 */
export function describeDescriptorIndexContract(
  name: string,
  open: (setup: DescriptorIndexSetup) => Promise<DescriptorIndex>,
): void {
  describe(`${name} keeps the DescriptorIndex contract`, () => {
    let index: DescriptorIndex
    beforeAll(async () => {
      index = await open({ packId: TEST_PACK, dimensions: SIGNS })
    })
    afterEach(async () => {
      await index.remove(await index.listImageIds({ after: null, limit: 100_000 }))
      expect(await index.count()).toBe(0)
    })
    afterAll(() => index.close())

    describe('writing', () => claimsOfWriting(() => index))
    describe('ranking', () => claimsOfRanking(() => index))
    describe('filtering', () => claimsOfFiltering(() => index))
    describe('keeping books', () => claimsOfBooks(() => index))
    describe('refusing', () => claimsOfRefusing(() => index))
    describe('under concurrent calls', () => claimsOfRaces(() => index))

    it('answers as looking at everything does, for any gallery, filter and probe', async () => {
      await fc.assert(
        fc.asyncProperty(
          aGallery,
          fc.array(aSearch, { minLength: 1, maxLength: 5 }),
          async (gallery, searches) => {
            await index.upsert(gallery)
            for (const { probe, query } of searches) {
              expect(await index.search(probe, query)).toEqual(searchNaively(gallery, probe, query))
              const probes = searches.map((one) => ({ descriptor: one.probe, exclude: one.query.exclude }))
              const expected = probes.map(({ descriptor, exclude }) =>
                searchNaively(gallery, descriptor, { ...query, exclude, imagesPerPerson: 1 }),
              )
              expect(await index.searchMany(probes, query)).toEqual(expected)
            }
            await index.remove(gallery.map(({ imageId }) => imageId))
          },
        ),
        { numRuns: 100 },
      )
      // Over a server each run is dozens of calls.
    }, 120_000)
  })
}
