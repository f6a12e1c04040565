import type { CandidatePerson, ImageId, PersonId } from '@semblance/core'
import {
  aClock,
  anIndexEntry,
  anIndexQuery,
  createNaiveDescriptorIndex,
  openTestQdrant,
  skipSuite,
  TEST_PACK,
} from '@semblance/testkit'
import { afterAll, describe, expect, it } from 'vitest'
import { type AnsweredSearch, type ObservedRecall, RecallShadow } from './recall-shadow.ts'
import { aClusteredGallery } from './testing/clustered-gallery.ts'
import { dropTestCollections, openTestIndex } from './testing/open-test-index.ts'

const persons = (...names: readonly string[]): readonly CandidatePerson[] =>
  names.map((name) => ({
    personId: name as PersonId,
    images: [{ personId: name as PersonId, imageId: `${name}-1` as ImageId, cosine: 0.5 }],
  }))

function setUp(options: { readonly share?: number; readonly random?: () => number } = {}) {
  const { share = 1, random = () => 0.5 } = options
  const clock = aClock()
  const recalls: ObservedRecall[] = []
  const outcomes: string[] = []
  const observer = {
    observeRecall: (recall: ObservedRecall) => void recalls.push(recall),
    countRecallShadow: (outcome: string) => void outcomes.push(outcome),
  }
  return { clock, recalls, outcomes, observer, shadow: new RecallShadow({ share, observer, clock, random }) }
}

function aSearch(given: Partial<AnsweredSearch> = {}): AnsweredSearch {
  const answered = given.answered ?? persons('ada', 'bob')
  return {
    isExact: false,
    answered,
    exactly: async () => answered,
    again: async () => answered,
    countMatches: async () => 50_000,
    ...given,
  }
}

/** What is under way ends in turns of the event loop, since nothing here waits for a server. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('a search that is repeated exactly', () => {
  it('counts who was lost, of the first one and of the first ten', async () => {
    const { shadow, recalls, outcomes } = setUp()
    const answered = persons('bob', 'cid')
    shadow.offer(
      aSearch({ answered, exactly: async () => persons('ada', 'bob', 'cid'), again: async () => answered }),
    )
    await settled()
    expect(outcomes).toEqual(['checked'])
    expect(recalls).toEqual([
      { size: 'to_100k', at: 1, expected: 1, found: 0 },
      { size: 'to_100k', at: 10, expected: 3, found: 2 },
    ])
  })

  it('does not count as lost who was enrolled meanwhile, nor as expected who was deleted', async () => {
    const { shadow, recalls } = setUp()
    const now = async () => persons('ada')
    shadow.offer(aSearch({ answered: persons('bob'), exactly: now, again: now }))
    await settled()
    expect(recalls.map(({ expected, found }) => [expected, found])).toEqual([
      [1, 1],
      [1, 1],
    ])
  })

  it('does not throw where Qdrant fails, and counts it', async () => {
    const { shadow, recalls, outcomes } = setUp()
    shadow.offer(aSearch({ exactly: () => Promise.reject(new Error('away')) }))
    await settled()
    expect([recalls, outcomes]).toEqual([[], ['failed']])
  })

  it('is told by how many descriptors were looked at', async () => {
    const { shadow, recalls, clock } = setUp()
    for (const matches of [10_000, 100_000, 1_000_000, 10_000_000, 10_000_001]) {
      shadow.offer(aSearch({ countMatches: async () => matches }))
      await settled()
      clock.advance(1_000)
    }
    const sizes = recalls.filter(({ at }) => at === 1).map(({ size }) => size)
    expect(sizes).toEqual(['to_10k', 'to_100k', 'to_1m', 'to_10m', 'above_10m'])
  })
})

describe('searches are picked', () => {
  it('by the share that is set', async () => {
    const draws = [0.1, 0.009, 0.5]
    const { shadow, outcomes } = setUp({ share: 0.01, random: () => draws.shift() ?? 1 })
    for (let at = 0; at < 3; at++) shadow.offer(aSearch({ isExact: true }))
    expect(outcomes).toEqual(['exact'])
  })

  it('one at a time, and none while another search is under way', async () => {
    const { shadow, outcomes } = setUp()
    await shadow.during(async () => shadow.offer(aSearch()))
    const held = Promise.withResolvers<readonly CandidatePerson[]>()
    shadow.offer(aSearch({ exactly: () => held.promise }))
    shadow.offer(aSearch())
    held.resolve(persons('ada'))
    await settled()
    expect(outcomes).toEqual(['busy', 'busy', 'checked'])
  })

  it('after a rest of a second, or nine times as long as the last one took', async () => {
    const { shadow, outcomes, clock } = setUp()
    const slow = async () => {
      clock.advance(2_000)
      return persons('ada')
    }
    shadow.offer(aSearch({ exactly: slow, answered: persons('ada') }))
    await settled()
    clock.advance(17_999)
    shadow.offer(aSearch())
    clock.advance(1)
    shadow.offer(aSearch())
    await settled()
    expect(outcomes).toEqual(['checked', 'busy', 'checked'])
  })

  it('not after the index was closed, which ends the one under way', async () => {
    const { shadow, outcomes } = setUp()
    const untilAborted: AnsweredSearch['exactly'] = ({ signal }) =>
      new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
    shadow.offer(aSearch({ exactly: untilAborted }))
    await shadow.close()
    shadow.offer(aSearch())
    expect(outcomes).toEqual(['failed'])
  })
})

const DIMENSIONS = 64
const qdrant = await openTestQdrant()
if ('skipped' in qdrant) skipSuite('searches of Qdrant repeated exactly', qdrant)
else
  describe('searches of Qdrant repeated exactly', () => {
    const { url, urls } = qdrant
    afterAll(async () => {
      await dropTestCollections(url)
      await qdrant.close()
    })

    it('expect whom an exact index answers, with quantization, too', async () => {
      const { clock, recalls, outcomes, observer } = setUp()
      const recall = { share: 1, observer }
      const options = {
        urls,
        dimensions: DIMENSIONS,
        shardNumber: 1,
        quantization: 'int8',
        clock,
        recall,
      } as const
      const index = await openTestIndex(options)
      const oracle = createNaiveDescriptorIndex({ packId: TEST_PACK, dimensions: DIMENSIONS })
      const { entries, probes } = aClusteredGallery({
        packId: TEST_PACK,
        dimensions: DIMENSIONS,
        persons: 200,
        imagesPerPerson: 2,
        probes: 5,
        shares: [],
      })
      for (const one of [index, oracle]) await one.upsert(entries)
      const wanted: number[] = []
      for (const probe of probes) {
        const query = anIndexQuery({ minCosine: 0.3, limit: 10 })
        const exact = (await oracle.search(probe, query)).map(({ personId }) => personId)
        expect((await index.search(probe, query)).map(({ personId }) => personId)).toEqual(exact)
        wanted.push(exact.length)
        await expect.poll(() => outcomes.length).toBe(wanted.length)
        clock.advance(60_000)
      }
      await index.close()
      expect(new Set(outcomes)).toEqual(new Set(['checked']))
      const ofTen = recalls.filter(({ at }) => at === 10)
      expect(ofTen.map(({ expected }) => expected)).toEqual(wanted)
      expect(ofTen.every(({ size, expected, found }) => size === 'to_10k' && expected === found)).toBe(true)
      expect(wanted.some((count) => count > 1)).toBe(true)
    })

    it('are not picked where a filter has every match looked at, nor without the setting', async () => {
      const { clock, outcomes, observer } = setUp()
      const entry = anIndexEntry()
      const dimensions = entry.descriptor.values.length
      const filter = {
        groups: null,
        field: { field: 'name', op: 'in', values: [entry.payload.name] },
      } as const
      for (const share of [1, 0]) {
        const recall = { share, observer }
        const index = await openTestIndex({ urls, dimensions, shardNumber: 1, clock, recall })
        await index.upsert([entry])
        expect(await index.search(entry.descriptor, anIndexQuery({ filter }))).toHaveLength(1)
        await index.close()
      }
      expect(outcomes).toEqual(['exact'])
    })
  })
