import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type {
  Descriptor,
  GroupId,
  IndexGenerationRegistry,
  IndexGenerations,
  PackId,
  PersonId,
} from '@semblance/core'
import { openQdrantDescriptorIndex, type QdrantDescriptorIndex } from '@semblance/index-qdrant'
import { median, quantile, timeMs } from '../../bench/measure.ts'
import type { MeasuredIndex, MeasuredSearches, Work } from '../measured.ts'
import { ClusteredFaces } from './clustered-faces.ts'
import { costOf, pidWithEnvironment } from './process-cost.ts'
import {
  collectionOf,
  countPoints,
  deferGraph,
  type LoadedPoint,
  nearestExactly,
  type QdrantCollection,
  quantize,
  stateOf,
  untilGreen,
  writePoints,
} from './qdrant-collection.ts'

export interface IndexMeasurement {
  /** A Qdrant of one node on this machine, started with QDRANT__SERVICE__HTTP_PORT in its environment. */
  readonly url: string
  readonly rows: number
  readonly shards: number
  readonly quantization: 'none' | 'int8'
  /** Keeps which collection is in use, so that a measurement that was broken off goes on where it was. */
  readonly stateFile: string
  readonly told: (line: string) => void
}

/** Of the pack that comes with Semblance. */
const DIMENSIONS = 512
const PACK = 'simulate@1' as PackId
const PICTURES_PER_PERSON = 3
const POINTS_PER_CALL = 500
const IN_FLIGHT = 2
const PROBES = 100
const WARM_UP = 20
const TELL_EVERY = 20_000
/** A little below that of the operating point: what searches with the default threshold ask for. */
const MIN_COSINE = 0.5
const LIMIT = 10
/** Shares of the persons that are in a group each; null is a search of everybody. */
const SHARES = [null, 0.01, 0.2] as const

/** Loads with the graph put off, builds it, and measures searches of the product's own adapter. */
export async function measureIndex(plan: IndexMeasurement): Promise<MeasuredIndex> {
  const pid = pidWithEnvironment(`QDRANT__SERVICE__HTTP_PORT=${new URL(plan.url).port}`)
  const index = await open(plan)
  const faces = new ClusteredFaces(DIMENSIONS)
  const collection = await collectionOf(plan.url, prefixOf(plan))
  const gallery = { plan, collection, faces, pid }
  try {
    const loaded = await load(gallery)
    if (plan.quantization === 'int8') await quantize(collection)
    const built = await build(gallery)
    const { segments_count } = await stateOf(collection)
    const { residentBytes } = costOf(pid)
    const searches: MeasuredSearches[] = []
    for (const share of SHARES) searches.push(await search(gallery, { index, share }))
    const { rows, shards, quantization } = plan
    return {
      rows,
      shards,
      quantization,
      load: loaded,
      build: built,
      segments: segments_count,
      residentBytes,
      searches,
    }
  } finally {
    await index.close()
  }
}

interface Gallery {
  readonly plan: IndexMeasurement
  readonly collection: QdrantCollection
  readonly faces: ClusteredFaces
  readonly pid: number
}

async function load({ plan, collection, faces, pid }: Gallery): Promise<Work | null> {
  const there = await countPoints(collection)
  if (there >= plan.rows) return null
  await deferGraph(collection, true)
  // What was under way when a load was broken off is written once more.
  let next = Math.max(0, there - POINTS_PER_CALL * IN_FLIGHT)
  const write = async () => {
    for (let at = next; at < plan.rows; at = next) {
      next += POINTS_PER_CALL
      const length = Math.min(POINTS_PER_CALL, plan.rows - at)
      await writePoints(
        collection,
        Array.from({ length }, (_, i) => pointOf(at + i, faces)),
      )
      if (at % TELL_EVERY < POINTS_PER_CALL) plan.told(`${at} faces written`)
    }
  }
  const work = await workOf(
    pid,
    async () => void (await Promise.all(Array.from({ length: IN_FLIGHT }, write))),
  )
  plan.told(`loaded: ${JSON.stringify(work)}`)
  return work
}

async function build({ plan, collection, pid }: Gallery): Promise<Work> {
  let told = ''
  const work = await workOf(pid, async () => {
    await deferGraph(collection, false)
    await untilGreen(collection, ({ status, indexed_vectors_count, segments_count }) => {
      const line = `${status}: graphs of ${indexed_vectors_count} faces, ${segments_count} segments`
      if (line !== told) plan.told(line)
      told = line
    })
  })
  plan.told(`built: ${JSON.stringify(work)}`)
  return work
}

/** What it took until the work was done. */
async function workOf(pid: number, work: () => Promise<void>): Promise<Work> {
  const before = costOf(pid).cpuMs
  const began = performance.now()
  await work()
  return { seconds: (performance.now() - began) / 1000, cpuSeconds: (costOf(pid).cpuMs - before) / 1000 }
}

async function search(
  { plan, collection, faces, pid }: Gallery,
  by: { readonly index: QdrantDescriptorIndex; readonly share: number | null },
): Promise<MeasuredSearches> {
  const groups = by.share === null ? null : [groupOf(by.share)]
  const filter = groups === null ? null : { must: [{ key: 'groups', match: { any: groups } }] }
  const probes = Array.from({ length: PROBES }, (_, at) => probeOf(at, { rows: plan.rows, faces }))
  const ask = (probe: Descriptor, minCosine: number) =>
    by.index.search(probe, {
      filter: { groups, field: null },
      minCosine,
      limit: LIMIT,
      imagesPerPerson: PICTURES_PER_PERSON,
      exclude: [],
    })
  for (const probe of probes.slice(0, WARM_UP)) await ask(probe, MIN_COSINE)
  const before = costOf(pid).cpuMs
  const times: number[] = []
  for (const probe of probes) times.push(await timeMs(() => ask(probe, MIN_COSINE)))
  const cpuMs = (costOf(pid).cpuMs - before) / PROBES
  let [found, wanted] = [0, 0]
  for (const probe of probes) {
    const nearest = await nearestExactly(collection, { values: probe.values, filter, limit: LIMIT })
    // Without a threshold: that is the harder question.
    const answered = new Set((await ask(probe, -1)).map(({ personId }) => personId as string))
    found += nearest.filter((person) => answered.has(person)).length
    wanted += nearest.length
  }
  const recallAt10 = found / wanted
  const result = {
    share: by.share ?? 1,
    medianMs: median(times),
    p95Ms: quantile(times, 0.95),
    cpuMs,
    recallAt10,
  }
  plan.told(JSON.stringify(result))
  return result
}

function pointOf(row: number, faces: ClusteredFaces): LoadedPoint {
  const person = Math.floor(row / PICTURES_PER_PERSON)
  const groups = SHARES.flatMap((share) =>
    share !== null && isMember(person, share) ? [groupOf(share)] : [],
  )
  return {
    id: idOf('2', row),
    values: faces.describe(person, row % PICTURES_PER_PERSON),
    payload: { personId: personOf(person), groups, name: `person ${person}`, rev: 1 },
  }
}

/** A new picture of somebody enrolled. */
function probeOf(
  at: number,
  { rows, faces }: { readonly rows: number; readonly faces: ClusteredFaces },
): Descriptor {
  const persons = Math.floor(rows / PICTURES_PER_PERSON)
  const person = (at * 7919) % persons
  return { packId: PACK, values: faces.describe(person, PICTURES_PER_PERSON) }
}

/** Spread over all persons without a pattern. */
function isMember(person: number, share: number): boolean {
  return (Math.imul(person + 1, 0x9e3779b1) >>> 0) / 2 ** 32 < share
}

const groupOf = (share: number) => idOf('3', Math.round(share * 1000)) as GroupId
const personOf = (person: number) => idOf('1', person) as PersonId

function idOf(kind: string, number: number): string {
  return `0190000${kind}-0000-7000-8000-${number.toString(16).padStart(12, '0')}`
}

function open(plan: IndexMeasurement): Promise<QdrantDescriptorIndex> {
  return openQdrantDescriptorIndex({
    urls: [plan.url],
    packId: PACK,
    dimensions: DIMENSIONS,
    registry: registryIn(plan.stateFile),
    clock: { monotonic: () => performance.now() },
    namePrefix: prefixOf(plan),
    shardNumber: plan.shards,
    quantization: plan.quantization,
    timeoutMs: 60_000,
  })
}

const prefixOf = ({ rows, shards }: IndexMeasurement) => `simulate-${rows}-${shards}`

function registryIn(file: string): IndexGenerationRegistry {
  const now = (): IndexGenerations =>
    existsSync(file)
      ? (JSON.parse(readFileSync(file, 'utf8')) as IndexGenerations)
      : { rev: 0, serving: null, others: [] }
  return {
    readGenerations: async () => now(),
    changeGenerations: async (next) => {
      if (next.rev !== now().rev + 1) return false
      writeFileSync(file, JSON.stringify(next))
      return true
    },
  }
}
