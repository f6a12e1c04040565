import type { Damage } from '@semblance/core'
import { anIndexEntry, anIndexQuery, openTestQdrant, skipSuite } from '@semblance/testkit'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import type { QdrantDescriptorIndex } from './qdrant-descriptor-index.ts'
import { dropTestCollections, openTestIndex } from './testing/open-test-index.ts'

const DIMENSIONS = 64
const qdrant = await openTestQdrant()
if ('skipped' in qdrant) skipSuite('points of a strange hand', qdrant)
else {
  const { url, urls } = qdrant
  afterAll(async () => {
    await dropTestCollections(url)
    await qdrant.close()
  })

  it('an index that is full is not taken over by a registry that knows of none, as of a lost database', async () => {
    const namePrefix = `test-${crypto.randomUUID()}`
    const options = { urls, dimensions: DIMENSIONS, shardNumber: 1, namePrefix }
    const full = await openTestIndex(options)
    await full.upsert([anIndexEntry(), anIndexEntry()])
    await expect(openTestIndex(options)).rejects.toMatchObject({
      code: 'E_RECORDS_MISSING',
      context: { atHand: 2, unknown: 2 },
    })
    expect(await full.count()).toBe(2)
    const anew = await openTestIndex({ ...options, acceptedMissing: 2 })
    expect(await anew.listImageIds({ after: null, limit: 9 })).toBeDefined()
  })

  describe('points of a strange hand', () => {
    let index: QdrantDescriptorIndex
    let collection: string
    let nowMs: number
    const damaged: Damage[] = []
    const entry = anIndexEntry()
    const query = anIndexQuery({ minCosine: 0.5, limit: 5 })

    const call = async (method: string, path: string, body?: object) => {
      const init = { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
      const answer = await fetch(`${url}${path}`, init)
      expect(answer.status, await answer.clone().text()).toBe(200)
    }
    /** As near to the probe as the enrolled face. */
    const put = (points: readonly { readonly id: string | number; readonly payload: object }[]) => {
      const vector = [...entry.descriptor.values]
      return call('PUT', `/collections/${collection}/points?wait=true`, {
        points: points.map((point) => ({ ...point, vector })),
      })
    }
    const found = async () => (await index.search(entry.descriptor, query)).map(({ personId }) => personId)

    beforeEach(async () => {
      damaged.length = 0
      nowMs = 0
      const namePrefix = `test-${crypto.randomUUID()}`
      index = await openTestIndex({
        urls,
        dimensions: DIMENSIONS,
        shardNumber: 1,
        namePrefix,
        clock: { monotonic: () => performance.now() + nowMs },
        onDamage: (it) => damaged.push(it),
      })
      const { result } = (await (await fetch(`${url}/collections`)).json()) as {
        readonly result: { readonly collections: readonly { readonly name: string }[] }
      }
      collection = result.collections.find(({ name }) => name.startsWith(namePrefix))?.name ?? ''
      await index.upsert([entry])
    })

    it.each([
      { what: 'of nobody', point: { id: crypto.randomUUID(), payload: {} } },
      { what: 'of a number', point: { id: crypto.randomUUID(), payload: { personId: 7 } } },
      { what: 'with a number for an id', point: { id: 5, payload: { personId: entry.payload.personId } } },
    ])('$what stop no search, and are told', async ({ point }) => {
      await put([point])
      expect(await found()).toEqual([entry.payload.personId])
      expect(damaged).toEqual([{ kind: 'vector', id: String(point.id), why: expect.any(String) }])
      damaged.length = 0
      expect(await found()).toEqual([entry.payload.personId])
      expect(damaged).toEqual([])
    })

    it('keep nobody out, however many stand before somebody', async () => {
      await put(Array.from({ length: 200 }, () => ({ id: crypto.randomUUID(), payload: {} })))
      expect(await found()).toEqual([entry.payload.personId])
    })

    it('are found again a while after they were put right', async () => {
      const other = anIndexEntry({ descriptor: entry.descriptor })
      await put([{ id: other.imageId, payload: {} }])
      expect(await found()).toEqual([entry.payload.personId])
      await index.upsert([other])
      nowMs = 61_000
      expect((await found()).toSorted()).toEqual([entry, other].map((it) => it.payload.personId).toSorted())
    })

    it('are refused with what to do where they are too many to be left out', async () => {
      await put(Array.from({ length: 2_100 }, () => ({ id: crypto.randomUUID(), payload: {} })))
      await expect(found()).rejects.toMatchObject({ code: 'E_INDEX_UNAVAILABLE' })
    })
  })
}
