import type { DescriptorIndex } from '@semblance/core'
import { openQdrantDescriptorIndex } from '@semblance/index-qdrant'
import type { BenchRecord } from './exact-index.ts'
import {
  fill,
  MADE_DIMENSIONS,
  MADE_PACK,
  memoryRegistry,
  personOf,
  probeOf,
  untilGreen,
} from './made-gallery.ts'
import { median } from './measure.ts'

const SEARCHES = 100
const SIZES = [10_000, 100_000]

/** Searches of galleries of growing size in a Qdrant of one node; vectors are written to the index directly. */
export async function benchQdrantIndex(urls: readonly string[]): Promise<readonly BenchRecord[]> {
  const index = await openQdrantDescriptorIndex({
    urls,
    packId: MADE_PACK,
    dimensions: MADE_DIMENSIONS,
    registry: memoryRegistry(),
    clock: { monotonic: () => performance.now() },
    namePrefix: 'bench',
  })
  const records: BenchRecord[] = []
  let rows = 0
  for (const size of SIZES) {
    const begun = performance.now()
    await fill(index, { from: rows, to: size })
    const perSecond = ((size - rows) * 1000) / (performance.now() - begun)
    rows = size
    await untilGreen(urls[0]!)
    records.push(
      { ...info(`qdrant: load up to ${size} vectors`, perSecond, 'vectors/s'), better: 'more' },
      info(`qdrant: search of ${size} vectors, median`, median(await search(index, rows)), 'ms'),
    )
  }
  await index.close()
  return records
}

async function search(index: DescriptorIndex, rows: number): Promise<readonly number[]> {
  const times: number[] = []
  for (let i = 0; i < SEARCHES; i++) {
    const row = (i * 7919) % rows
    const probe = { packId: MADE_PACK, values: probeOf(row, i) }
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

function info(name: string, value: number, unit: string): BenchRecord {
  return { name, value, unit, goal: null, better: 'less' }
}
