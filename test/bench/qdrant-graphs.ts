import { openQdrantDescriptorIndex } from '@semblance/index-qdrant'
import { openTestQdrant } from '@semblance/testkit'
import type { BenchRecord } from './exact-index.ts'
import {
  fill,
  MADE_DIMENSIONS,
  MADE_GROUPS,
  MADE_PACK,
  memoryRegistry,
  probeOf,
  untilGreen,
} from './made-gallery.ts'
import { median, quantile } from './measure.ts'

const PROBES = 40
const LIMIT = 10
/** As many images of the nearest persons as surely hold ten persons of two pictures each. */
const NEAREST_IMAGES = 30
const CALL_TIMEOUT_MS = 120_000
/** What Qdrant itself does if nobody says otherwise, in kilobytes of vectors of a segment. */
const USUAL_INDEXING_THRESHOLD = 10_000

const FILTERS = [
  ['everybody', null],
  ['a group of 20 %', MADE_GROUPS.fifth],
  ['a group of 1 %', MADE_GROUPS.hundredth],
] as const

/**
 * A large gallery in a Qdrant of one node, as a bulk load should be made: all vectors first, with the graphs put off, and
 * then the graphs. Tells how long both took, the time of searches by the product's own adapter, recall@1 (how often the
 * nearest person, by a look at everybody, is the first that it answers) and recall@10 (how many of the ten nearest are among
 * the ten that it answers). Persons but the nearest are directions by chance, all about as far: the hardest case for a graph.
 */
export async function benchQdrantGraphs(options: {
  readonly faces: number
}): Promise<readonly BenchRecord[] | { readonly skipped: string }> {
  const qdrant = await openTestQdrant({ nodes: 1, own: true })
  if ('skipped' in qdrant) return qdrant
  try {
    return await measure(qdrant.urls[0]!, options.faces)
  } finally {
    await qdrant.close()
  }
}

async function measure(url: string, faces: number): Promise<readonly BenchRecord[]> {
  const index = await openQdrantDescriptorIndex({
    urls: [url],
    packId: MADE_PACK,
    dimensions: MADE_DIMENSIONS,
    registry: memoryRegistry(),
    clock: { monotonic: () => performance.now() },
    namePrefix: 'bench',
    // Qdrant builds no graph for a segment below its threshold, which fewer faces than a million in 12 shards would be.
    ...(faces < 1_000_000 && { shardNumber: 2 }),
    timeoutMs: CALL_TIMEOUT_MS,
  })
  const { collections } = await call<{ collections: readonly { name: string }[] }>(
    `${url}/collections`,
    'GET',
  )
  const collection = `${url}/collections/${collections[0]!.name}`
  const indexFrom = (threshold: number) =>
    call(collection, 'PATCH', { optimizers_config: { indexing_threshold: threshold } })

  await indexFrom(0)
  const loading = await secondsOf(() => fill(index, { from: 0, to: faces }))
  await indexFrom(USUAL_INDEXING_THRESHOLD)
  const building = await secondsOf(() => untilGreen(url))
  const records = [
    info(`graphs: load of ${faces} faces, graphs put off`, loading, 's'),
    info(`graphs: building them`, building, 's'),
  ]
  for (const [name, group] of FILTERS) {
    const times: number[] = []
    let found = 0
    let firstFound = 0
    for (let i = 0; i < PROBES; i++) {
      const values = probeOf((i * 7919 * 200) % faces, i)
      const begun = performance.now()
      const answered = await index.search(
        { packId: MADE_PACK, values },
        {
          filter: { groups: group === null ? null : [group], field: null },
          minCosine: -1,
          limit: LIMIT,
          imagesPerPerson: 1,
          exclude: [],
        },
      )
      times.push(performance.now() - begun)
      const nearest = await nearestByAll({ collection, values, group })
      found += answered.filter(({ personId }) => nearest.has(personId)).length
      if (answered[0]?.personId === [...nearest][0]) firstFound++
    }
    records.push(
      info(`graphs: search of ${name}, median`, median(times), 'ms'),
      info(`graphs: search of ${name}, p95`, quantile(times, 0.95), 'ms'),
      { ...info(`graphs: recall@1 of ${name}`, firstFound / PROBES, 'ratio'), better: 'more' },
      { ...info(`graphs: recall@10 of ${name}`, found / (LIMIT * PROBES), 'ratio'), better: 'more' },
    )
  }
  await index.close()
  return records
}

/** The ten nearest persons by a look at everybody. */
async function nearestByAll(asked: {
  readonly collection: string
  readonly values: Float32Array
  readonly group: string | null
}): Promise<ReadonlySet<string>> {
  const points = await call<readonly { payload: { personId: string } }[]>(
    `${asked.collection}/points/search`,
    'POST',
    {
      vector: [...asked.values],
      limit: NEAREST_IMAGES,
      params: { exact: true },
      with_payload: ['personId'],
      ...(asked.group !== null && { filter: { must: [{ key: 'groups', match: { value: asked.group } }] } }),
    },
  )
  return new Set([...new Set(points.map(({ payload }) => payload.personId))].slice(0, LIMIT))
}

async function call<T>(address: string, method: string, body?: unknown): Promise<T> {
  const answer = await fetch(address, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
  })
  if (!answer.ok) throw new Error(`${method} ${address} answered ${answer.status}: ${await answer.text()}`)
  return ((await answer.json()) as { result: T }).result
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const begun = performance.now()
  await work()
  return (performance.now() - begun) / 1000
}

function info(name: string, value: number, unit: string): BenchRecord {
  return { name, value, unit, goal: null, better: 'less' }
}
