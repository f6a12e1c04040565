import type {
  DescriptorIndex,
  ImageId,
  IndexEntry,
  IndexGenerationRegistry,
  IndexGenerations,
  PackId,
  PersonId,
} from '@semblance/core'
import { openQdrantDescriptorIndex } from '@semblance/index-qdrant'
import type { BenchRecord } from './exact-index.ts'
import { median } from './measure.ts'

const DIMENSIONS = 512
const BATCH = 250
const IN_FLIGHT = 3
const SEARCHES = 100
const GREEN_TIMEOUT_MS = 600_000

/** Searches of galleries of growing size in a Qdrant of one node; vectors are written to the index directly. */
export async function benchQdrantIndex(
  urls: readonly string[],
  options: { readonly million: boolean },
): Promise<readonly BenchRecord[]> {
  const packId = 'bench@1' as PackId
  const index = await openQdrantDescriptorIndex({
    urls,
    packId,
    dimensions: DIMENSIONS,
    registry: memoryRegistry(),
    clock: { monotonic: () => performance.now() },
    namePrefix: 'bench',
  })
  const records: BenchRecord[] = []
  let rows = 0
  for (const size of options.million ? [10_000, 100_000, 1_000_000] : [10_000, 100_000]) {
    const begun = performance.now()
    await fill(index, { from: rows, to: size, packId })
    const perSecond = ((size - rows) * 1000) / (performance.now() - begun)
    rows = size
    await untilGreen(urls[0]!)
    records.push(
      { ...info(`qdrant: load up to ${size} vectors`, perSecond, 'vectors/s'), better: 'more' },
      info(`qdrant: search of ${size} vectors, median`, median(await search(index, { rows, packId })), 'ms'),
    )
  }
  await index.close()
  return records
}

async function fill(
  index: DescriptorIndex,
  range: { readonly from: number; readonly to: number; readonly packId: PackId },
): Promise<void> {
  let next = range.from
  const writer = async () => {
    for (let at = next; at < range.to; at = next) {
      next += BATCH
      const length = Math.min(BATCH, range.to - at)
      await index.upsert(Array.from({ length }, (_, i) => entryOf(at + i, range.packId)))
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, writer))
}

async function search(
  index: DescriptorIndex,
  gallery: { readonly rows: number; readonly packId: PackId },
): Promise<readonly number[]> {
  const times: number[] = []
  for (let i = 0; i < SEARCHES; i++) {
    const row = (i * 7919) % gallery.rows
    const probe = { packId: gallery.packId, values: near(faceOf(row), { seed: -i - 1, noise: 0.4 }) }
    const begun = performance.now()
    const found = await index.search(probe, {
      filter: { groups: null, field: null },
      minCosine: 0.5,
      limit: 10,
      imagesPerPerson: 5,
      exclude: [],
    })
    times.push(performance.now() - begun)
    if (found[0]?.personId !== personOf(row)) throw new Error(`the mate of probe ${i} was not found first`)
  }
  return times
}

const IMAGES_PER_PERSON = 2
const personOf = (row: number) => idOf('1', Math.floor(row / IMAGES_PER_PERSON)) as PersonId

function entryOf(row: number, packId: PackId): IndexEntry {
  const payload = { personId: personOf(row), groups: [], name: 'x', externalId: null, rev: 1 }
  const values = near(faceOf(row), { seed: row, noise: 0.4 })
  return { imageId: idOf('2', row) as ImageId, descriptor: { packId, values }, payload }
}

/** The direction of the person that the row belongs to. */
function faceOf(row: number): Float32Array {
  return unit(randomVector(1_000_003 + Math.floor(row / IMAGES_PER_PERSON)))
}

function near(face: Float32Array, by: { readonly seed: number; readonly noise: number }): Float32Array {
  const noise = unit(randomVector(by.seed * 2 + 1))
  return unit(face.map((value, i) => value + by.noise * noise[i]!))
}

function unit(values: Float32Array): Float32Array {
  const length = Math.hypot(...values)
  return values.map((value) => value / length)
}

/** The same for the same seed (mulberry32, sums of four for a bell). */
function randomVector(seed: number): Float32Array {
  let state = seed | 0
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  return Float32Array.from({ length: DIMENSIONS }, () => next() + next() + next() + next() - 2)
}

function idOf(kind: string, number: number): string {
  const hex = number.toString(16).padStart(12, '0')
  return `0190000${kind}-0000-7000-8000-${hex}`
}

function memoryRegistry(): IndexGenerationRegistry {
  let now: IndexGenerations = { rev: 0, serving: null, others: [] }
  return {
    readGenerations: async () => now,
    changeGenerations: async (next) => {
      if (next.rev !== now.rev + 1) return false
      now = next
      return true
    },
  }
}

/** Until Qdrant has built its graphs: searches before that read unindexed segments. */
async function untilGreen(url: string): Promise<void> {
  const until = performance.now() + GREEN_TIMEOUT_MS
  const ask = async <T>(path: string) =>
    ((await (await fetch(`${url}${path}`)).json()) as { result: T }).result
  while (performance.now() < until) {
    const { collections } = await ask<{ collections: readonly { name: string }[] }>('/collections')
    const states = await Promise.all(
      collections.map(async ({ name }) => (await ask<{ status: string }>(`/collections/${name}`)).status),
    )
    if (states.every((state) => state === 'green')) return
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  throw new Error('Qdrant is still indexing')
}

function info(name: string, value: number, unit: string): BenchRecord {
  return { name, value, unit, goal: null, better: 'less' }
}
