import { monitorEventLoopDelay } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import {
  type DescriptorIndex,
  type GroupId,
  type ImageId,
  type IndexEntry,
  type IndexQuery,
  type PackId,
  type PersonId,
  UrgentWork,
} from '@semblance/core'
import { openExactDescriptorIndex } from '@semblance/store-local'
import { quantile } from './measure.ts'
import { openMemoryReader } from './memory-reader.ts'

export interface BenchRecord {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** Null: reported for the record, held to nothing. */
  readonly goal: number | null
  readonly better: 'less' | 'more'
}

interface ExactIndexSize {
  readonly rows: number
  readonly dimensions: number
  readonly threads: number
}

const PACK = 'bench@1' as PackId
const BATCH = 1000
const RUNS = 50
/** Probes of one scan for many. */
const MANY = 16
/** Share of the gallery in a group, in percent; each row is in the groups that its number falls into. */
const SELECTIVITIES = [0.1, 1, 5, 20, 50]

/**
 * The exact index against the machine: a scan is measured against reading the same bytes by the same number of threads
 * (a WebAssembly loop that only loads 16 bytes at a time and ors them together), turn by turn in one run, so that
 * whatever else the machine does hits both. In the same way it is measured against an index that looks at float32 alone,
 * which answers the same: by the clock, and by the time of the processor, which other work disturbs less. Medians; memory is the growth of the resident set from a tenth of the rows
 * to all of them, so that the process's own base does not count.
 */
export async function benchExactIndex(size: ExactIndexSize): Promise<readonly BenchRecord[]> {
  const index = await openExactDescriptorIndex({ ...size, packId: PACK })
  const loaded = await load(index, size)
  const scans = await measureScans(index, size)
  const plain = await openExactDescriptorIndex({ ...size, packId: PACK, firstLook: 'float32' })
  await upsertRows(plain, entriesOf(size), [0, size.rows])
  scans.push(...(await measureMany(index, { plain, size })))
  const compared = await measureAgainst(plain, index, size)
  const records = [...loaded, ...scans, ...compared, ...(await measureFilters(index, { plain, size }))]
  await index.close()
  await plain.close()
  return records
}

function entriesOf({ dimensions }: ExactIndexSize): (row: number) => IndexEntry {
  const faces = facesOf(dimensions)
  return (row) => entryOf(row, faces[row % faces.length] ?? new Float32Array())
}

async function load(index: DescriptorIndex, size: ExactIndexSize): Promise<BenchRecord[]> {
  const first = Math.ceil(size.rows / 10 / BATCH) * BATCH
  const entry = entriesOf(size)
  const started = performance.now()
  await upsertRows(index, entry, [0, first])
  const seconds = (performance.now() - started) / 1000
  const before = await residentBytes()
  const stall = await stallMsDuring(() => upsertRows(index, entry, [first, size.rows]))
  const grown = (await residentBytes()) - before
  const own = (size.rows - first) * size.dimensions * 4
  return [
    record('load rows per second', 'rows/s', { value: first / seconds, goal: 33_000, better: 'more' }),
    record('stall while loading', 'ms', { value: stall, goal: 20 }),
    record('memory over descriptor bytes', 'ratio', { value: grown / own, goal: 1.35 }),
  ]
}

async function upsertRows(
  index: DescriptorIndex,
  entry: (row: number) => IndexEntry,
  [from, end]: readonly [number, number],
): Promise<void> {
  for (let row = from; row < end; row += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, end - row) }, (_, i) => entry(row + i))
    await index.upsert(batch)
    await new Promise(setImmediate)
  }
}

async function measureScans(index: DescriptorIndex, size: ExactIndexSize): Promise<BenchRecord[]> {
  const reader = await openMemoryReader(size.rows * size.dimensions * 4, size.threads)
  const reads: number[] = []
  const scans: number[] = []
  await scanMs(index, size, { run: 0 })
  const stall = await stallMsDuring(async () => {
    for (let run = 0; run < RUNS; run++) {
      reads.push(await reader.readMs())
      scans.push(await scanMs(index, size, { run }))
    }
  })
  await reader.close()
  const ratios = scans.map((ms, run) => ms / (reads[run] ?? Number.NaN))
  return [
    record('plain read of the same bytes', 'ms', { value: median(reads), goal: null }),
    record('search of the whole gallery', 'ms', { value: median(scans), goal: null }),
    record('search over plain read', 'ratio', { value: median(ratios), goal: 1.3 }),
    record('stall while searching', 'ms', { value: stall, goal: 20 }),
  ]
}

/** Several probes in one scan, as a search for duplicates has them: against one by one, and beside searches; in turn. */
async function measureMany(
  index: DescriptorIndex,
  { plain, size }: { readonly plain: DescriptorIndex; readonly size: ExactIndexSize },
): Promise<BenchRecord[]> {
  const urgent = new UrgentWork()
  const probes = Array.from({ length: MANY }, (_, at) => ({
    descriptor: { packId: PACK, values: unit(size.dimensions, 2_000_003 + at) },
    exclude: [],
  }))
  const query = { filter: { groups: null, field: null }, minCosine: 0.9, limit: 100 }
  const many = () => index.searchMany(probes, query, { giveWay: () => urgent.giveWay() })
  const [gains, plainGains, alone, beside]: [number[], number[], number[], number[]] = [[], [], [], []]
  for (let run = 0; run < RUNS; run++) {
    const plainOne = await scanMs(plain, size, { run })
    const one = await scanMs(index, size, { run })
    const begun = performance.now()
    await many()
    const manyMs = performance.now() - begun
    gains.push((one * MANY) / manyMs)
    plainGains.push((plainOne * MANY) / manyMs)
    alone.push(one)
    const going = many()
    beside.push(await urgent.run(() => scanMs(index, size, { run })))
    await going
  }
  return [
    // The goal is from before there were coarse rows, which a scan for one probe gains more by than one for many.
    record(`${MANY} searches, float32 alone / ${MANY} probes in one scan`, 'ratio', {
      value: median(plainGains),
      goal: 3,
      better: 'more',
    }),
    record(`${MANY} searches / ${MANY} probes in one scan`, 'ratio', {
      value: median(gains),
      goal: null,
      better: 'more',
    }),
    record('search, p95, beside a scan of many / alone', 'ratio', {
      value: quantile(beside, 0.95) / quantile(alone, 0.95),
      goal: 1.3,
    }),
    record('search, median, beside a scan of many / alone', 'ratio', {
      value: median(beside) / median(alone),
      goal: null,
    }),
  ]
}

/** The index that looks at coarse rows first against one that looks at float32 alone. */
async function measureAgainst(
  plain: DescriptorIndex,
  index: DescriptorIndex,
  size: ExactIndexSize,
): Promise<BenchRecord[]> {
  const goal = size.rows >= 1_000_000 ? 0.36 : 0.5
  const [plainMs, ratios, shares]: [number[], number[], number[]] = [[], [], []]
  for (let run = 0; run < RUNS; run++) {
    const before = await scanCost(plain, size, { run })
    const now = await scanCost(index, size, { run })
    plainMs.push(before.ms)
    ratios.push(now.ms / before.ms)
    shares.push(now.processorMs / before.processorMs)
  }
  return [
    record('float32 alone, search of the whole gallery', 'ms', { value: median(plainMs), goal: null }),
    record('search / float32 alone', 'ratio', { value: median(ratios), goal }),
    record('search / float32 alone, processor', 'ratio', { value: median(shares), goal: null }),
  ]
}

async function measureFilters(
  index: DescriptorIndex,
  { plain, size }: { readonly plain: DescriptorIndex; readonly size: ExactIndexSize },
): Promise<BenchRecord[]> {
  const records: BenchRecord[] = []
  for (const percent of SELECTIVITIES) {
    const filter = { groups: [groupOf(percent)], field: null }
    const [ratios, against]: [number[], number[]] = [[], []]
    for (let run = 0; run < RUNS; run++) {
      const full = await scanMs(plain, size, { run })
      const plainMs = await scanMs(plain, size, { filter, run })
      const ms = await scanMs(index, size, { filter, run })
      ratios.push(ms / full)
      against.push(ms / plainMs)
    }
    // 0.15 for looking at every row's group and for the round trip to the threads.
    const goal = percent / 100 + 0.15
    records.push(
      record(`search of ${percent} % / float32 alone, all`, 'ratio', { value: median(ratios), goal }),
      record(`search of ${percent} % / the same by float32`, 'ratio', { value: median(against), goal: 1 }),
    )
  }
  return records
}

interface ScanCost {
  readonly ms: number
  /** Of all threads. */
  readonly processorMs: number
}

async function scanCost(
  index: DescriptorIndex,
  size: ExactIndexSize,
  given: { readonly run: number },
): Promise<ScanCost> {
  const before = process.cpuUsage()
  const ms = await scanMs(index, size, given)
  const { user, system } = process.cpuUsage(before)
  return { ms, processorMs: (user + system) / 1000 }
}

async function scanMs(
  index: DescriptorIndex,
  { dimensions }: ExactIndexSize,
  { run, ...given }: Partial<IndexQuery> & { readonly run: number },
): Promise<number> {
  const probe = { packId: PACK, values: unit(dimensions, 1_000_003 + run) }
  const query: IndexQuery = {
    filter: { groups: null, field: null },
    minCosine: 0.1,
    limit: 10,
    imagesPerPerson: 1,
    exclude: [],
    ...given,
  }
  const started = performance.now()
  await index.search(probe, query)
  return performance.now() - started
}

/** Longest time for which the event loop was held up while the work went on. */
async function stallMsDuring(work: () => Promise<void>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  await work()
  delay.disable()
  return delay.max / 1e6
}

async function residentBytes(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return process.memoryUsage.rss()
}

function entryOf(row: number, values: Float32Array): IndexEntry {
  const groups = SELECTIVITIES.filter((percent) => row % 1000 < percent * 10).map(groupOf)
  const payload = {
    personId: idOf<PersonId>(row, 1),
    groups,
    name: `Person ${row}`,
    externalId: `x-${row}`,
    rev: 1,
  }
  return { imageId: idOf<ImageId>(row, 2), descriptor: { packId: PACK, values }, payload }
}

function groupOf(percent: number): GroupId {
  return idOf<GroupId>(percent * 10, 3)
}

/** UUIDv7 in form: increasing numbers, as ids made one after the other are. */
function idOf<Id extends string>(number: number, kind: number): Id {
  return `01900000-000${kind}-7000-8000-${number.toString(16).padStart(12, '0')}` as Id
}

/** Enough different faces that no cache helps, few enough to make quickly; the index stores each row apart. */
function facesOf(dimensions: number): readonly Float32Array[] {
  return Array.from({ length: 2003 }, (_, seed) => unit(dimensions, seed + 1))
}

function unit(dimensions: number, seed: number): Float32Array {
  let state = seed
  const raw = Float32Array.from({ length: dimensions }, () => {
    state = (Math.imul(state ^ (state >>> 13), 1_597_334_677) + 0x6d2b79f5) | 0
    return (state >>> 8) / 2 ** 24 - 0.5
  })
  const length = Math.sqrt(raw.reduce((sum, value) => sum + value * value, 0))
  return raw.map((value) => value / length)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >>> 1] ?? Number.NaN
}

function record(
  name: string,
  unitName: string,
  given: { readonly value: number; readonly goal: number | null; readonly better?: 'less' | 'more' },
): BenchRecord {
  return { name: `exact index: ${name}`, unit: unitName, better: 'less', ...given }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [rows = 100_000, dimensions = 512, threads = 2] = process.argv.slice(2).map(Number)
  for (const { name, value, unit: unitName, goal } of await benchExactIndex({ rows, dimensions, threads }))
    console.log(`${name}: ${value.toPrecision(4)} ${unitName}${goal === null ? '' : ` (goal ${goal})`}`)
}
