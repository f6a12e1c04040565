import { cosineBetween, type Descriptor, type GroupId, type IndexEntry, type PersonId } from '@semblance/core'
import {
  anIndexQuery,
  isSlowTier,
  openTestQdrant,
  skipSuite,
  TEST_PACK,
  type TestQdrant,
} from '@semblance/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { QdrantDescriptorIndex } from './qdrant-descriptor-index.ts'
import { aClusteredGallery, type ClusteredGallery } from './testing/clustered-gallery.ts'
import { dropTestCollections, openTestIndex } from './testing/open-test-index.ts'

const PERSONS = Number(process.env.SEMBLANCE_RECALL_PERSONS ?? 20_000)
const quantization = process.env.SEMBLANCE_RECALL_QUANTIZATION === 'int8' ? 'int8' : 'none'
const SHARES = [0.001, 0.01, 0.05, 0.2, 0.5]
const LIMIT = 10
/** Loading and building the graph, on two cores that others use, too. */
const LOAD_TIMEOUT_MS = 600_000

const qdrant = isSlowTier ? await openTestQdrant() : { skipped: 'takes minutes; npm run test:slow runs it' }
if ('skipped' in qdrant) skipSuite('recall of Qdrant against looking at everything', qdrant)
else
  describe(`recall@${LIMIT} of Qdrant against looking at everything, ${3 * PERSONS} descriptors, quantization ${quantization}`, () => {
    let index: QdrantDescriptorIndex
    let gallery: ClusteredGallery
    let cosines: readonly Float64Array[]
    beforeAll(async () => {
      gallery = aClusteredGallery({
        packId: TEST_PACK,
        dimensions: 512,
        persons: PERSONS,
        imagesPerPerson: 3,
        probes: 100,
        shares: SHARES,
      })
      // Two shards, so that there is a graph: twelve of 5,000 descriptors each are looked through anyway.
      const dimensions = 512
      index = await openTestIndex({
        urls: qdrant.urls,
        dimensions,
        shardNumber: 2,
        quantization,
        timeoutMs: 60_000,
      })
      await load(index, gallery.entries)
      await untilIndexed(qdrant)
      cosines = gallery.probes.map((probe) =>
        Float64Array.from(gallery.entries, ({ descriptor }) => cosineBetween(probe, descriptor)),
      )
    }, LOAD_TIMEOUT_MS)
    afterAll(async () => {
      await index.close()
      await dropTestCollections(qdrant.url)
      await qdrant.close()
    })

    it.each([null, ...SHARES])('is 0.99 or better within a share of %s of the persons', async (share) => {
      const group = share === null ? null : (gallery.groups.get(share) ?? null)
      const filter = { groups: group === null ? null : [group], field: null }
      const times: number[] = []
      let [found, wanted] = [0, 0]
      for (const [at, probe] of gallery.probes.entries()) {
        const began = performance.now()
        const persons = await index.search(probe, anIndexQuery({ filter, limit: LIMIT, imagesPerPerson: 3 }))
        times.push(performance.now() - began)
        for (const { images } of persons)
          for (const { imageId, cosine } of images) expect(cosine).toBe(cosineOf(probe, imageId))
        const answered = new Set(persons.map(({ personId }) => personId))
        const nearest = nearestPersons(gallery.entries, cosines[at]!, group)
        found += nearest.filter((personId) => answered.has(personId)).length
        wanted += nearest.length
      }
      const recall = found / wanted
      const medianMs = times.toSorted((a, b) => a - b)[times.length >> 1]!
      process.stderr.write(`share ${share}: recall ${recall.toFixed(4)}, median ${medianMs.toFixed(1)} ms\n`)
      expect(recall).toBeGreaterThanOrEqual(0.99)
    })

    it('finds the mate of every probe first, with a threshold', async () => {
      const times: number[] = []
      for (const [at, probe] of gallery.probes.entries()) {
        const began = performance.now()
        const [best] = await index.search(probe, anIndexQuery({ minCosine: 0.5, imagesPerPerson: 16 }))
        times.push(performance.now() - began)
        expect(best?.personId).toBe(nearestPersons(gallery.entries, cosines[at]!, null)[0])
      }
      const medianMs = times.toSorted((a, b) => a - b)[times.length >> 1]!
      process.stderr.write(`with a threshold: median ${medianMs.toFixed(1)} ms\n`)
    })

    const cosineOf = (probe: Descriptor, imageId: string) => {
      const entry = gallery.entries[Number.parseInt(imageId.slice(-11), 16)]!
      expect(entry.imageId).toBe(imageId)
      return cosineBetween(probe, entry.descriptor)
    }
  })

async function load(index: QdrantDescriptorIndex, entries: readonly IndexEntry[]): Promise<void> {
  const batches = Array.from({ length: Math.ceil(entries.length / 1_000) }, (_, at) =>
    entries.slice(at * 1_000, (at + 1) * 1_000),
  )
  const write = async () => {
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) await index.upsert(batch)
  }
  await Promise.all([write(), write(), write()])
}

/** Until the graphs are built: small segments without one would be looked through, which proves nothing. */
async function untilIndexed({ url }: TestQdrant): Promise<void> {
  const { collections } = await get<{ collections: { name: string }[] }>(`${url}/collections`)
  const isIndexed = async () => {
    const info = await get<{ status: string; indexed_vectors_count: number }>(
      `${url}/collections/${collections.at(-1)!.name}`,
    )
    return info.status === 'green' && info.indexed_vectors_count > 2 * PERSONS
  }
  while (!(await isIndexed())) await new Promise((resolve) => setTimeout(resolve, 1_000))
}

function nearestPersons(
  entries: readonly IndexEntry[],
  cosines: Float64Array,
  group: GroupId | null,
): readonly PersonId[] {
  const best = new Map<PersonId, number>()
  for (const [at, { payload }] of entries.entries()) {
    if (group !== null && !payload.groups.includes(group)) continue
    const cosine = cosines[at] ?? -1
    if (cosine > (best.get(payload.personId) ?? Number.NEGATIVE_INFINITY)) best.set(payload.personId, cosine)
  }
  return [...best]
    .toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, LIMIT)
    .map(([personId]) => personId)
}

async function get<T>(url: string): Promise<T> {
  const answer = await fetch(url)
  return ((await answer.json()) as { result: T }).result
}
