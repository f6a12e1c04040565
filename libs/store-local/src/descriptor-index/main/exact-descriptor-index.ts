import {
  type CandidatePerson,
  checkDescriptor,
  type Descriptor,
  type DescriptorIndex,
  type GalleryFilter,
  type GivingWay,
  type ImageId,
  type IndexEntry,
  type IndexPayload,
  type IndexProbe,
  type IndexQuery,
  indexUnavailable,
  type ManyQuery,
  type PackId,
  type PersonId,
  roundCosine,
  type SampleQuery,
  Slots,
  type Waiting,
} from '@semblance/core'
import { GalleryMemory } from '../memory/gallery-memory.ts'
import { RowFilter } from '../memory/row-filter.ts'
import { BLOCK_ROWS, type FirstLook, MOST_PROBES, vectorLayout } from '../memory/vector-layout.ts'
import type { Scan, ScanFilter } from '../scan-messages.ts'
import { type FoundRow, rankCandidates } from './candidate-ranking.ts'
import { checkEntry, checkPayload } from './check-entry.ts'
import { GalleryRows } from './gallery-rows.ts'
import { MergedCandidates } from './merged-candidates.ts'
import { resolveFilter } from './resolve-filter.ts'
import { openScanPool, type ScanPool, type StartThread } from './scan-pool.ts'
import { forEachInSlices } from './time-slices.ts'

/** One WebAssembly memory's worth of rows; far below the 4 GiB that its addresses reach. */
const CHUNK_BYTES = 2 ** 30
/** Ids listed at a time before the event loop gets a turn. */
const LIST_STEP = 1000

/**
 * Rows of one part of a scan for many probes: a few milliseconds of one thread with 512 values, for which a search may have
 * to wait. A multiple of `BLOCK_ROWS`.
 */
const PART_ROWS = 8192

export interface ExactDescriptorIndexOptions extends Waiting {
  readonly packId: PackId
  /** Length of the pack's descriptors. */
  readonly dimensions: number
  /** Scan threads, at least 1; the event loop's own thread never scans. */
  readonly threads: number
  /** Coarse copies of all descriptors or the descriptors themselves; coarse. Tests and benchmarks compare the two. */
  readonly firstLook?: FirstLook
  /** The most bytes of rows in one block of memory; 1 GiB. Tests use small ones. */
  readonly chunkBytes?: number
  /** Rows of one part of a scan for many probes, a multiple of 1024; 8192. Tests use small ones. */
  readonly partRows?: number
  /** Tests start threads of their own. */
  readonly startThread?: StartThread
  /** This is told of each scan thread that died by itself, and of what; another takes its place. It must not throw. */
  readonly onThreadDeath?: (cause: unknown) => void
}

/**
 * An empty index in memory; whoever opens it fills it by `upsert`, best in batches of a hundred to a thousand.
 * @throws TypeError for options that are not positive whole numbers; E_INDEX_UNAVAILABLE if no thread can start
 */
export async function openExactDescriptorIndex(
  options: ExactDescriptorIndexOptions,
): Promise<ExactDescriptorIndex> {
  const { packId, dimensions, threads, signal } = options
  signal?.throwIfAborted()
  if (!(Number.isSafeInteger(dimensions) && dimensions > 0 && Number.isSafeInteger(threads) && threads > 0))
    throw new TypeError('dimensions and threads are positive whole numbers')
  const { chunkBytes = CHUNK_BYTES, firstLook = 'coarse' } = options
  const memory = new GalleryMemory(vectorLayout({ dimensions, threads, chunkBytes, firstLook }))
  const pool = await openScanPool(memory, {
    startThread: options.startThread,
    onDeath: options.onThreadDeath,
  })
  const index = new ExactDescriptorIndex({ packId, memory, pool, partRows: options.partRows ?? PART_ROWS })
  if (signal?.aborted) await index.close()
  signal?.throwIfAborted()
  return index
}

interface ExactDescriptorIndexDeps {
  readonly packId: PackId
  readonly memory: GalleryMemory
  readonly pool: ScanPool
  readonly partRows: number
}

/**
 * The standalone index: all descriptors in memory as float32, every row looked at in every search, first by its coarse copy
 * and then, where that leaves a doubt, by itself. Scans and writes
 * take turns, so each sees the other whole: a search never meets half a write, or a row on its way to another person.
 */
export class ExactDescriptorIndex implements DescriptorIndex {
  readonly #deps: ExactDescriptorIndexDeps
  readonly #rows: GalleryRows
  readonly #turns = new Slots(1)
  #isClosed = false

  constructor(deps: ExactDescriptorIndexDeps) {
    this.#deps = deps
    this.#rows = new GalleryRows(deps.memory)
  }

  /** @throws TypeError, before anything is written, for a descriptor of another pack or length, one that is not of
   *  unit length within 1 %, and ids that are not UUIDs in lower case */
  async upsert(entries: readonly IndexEntry[], waiting: Waiting = {}): Promise<void> {
    const kind = { packId: this.#deps.packId, dimensions: this.#deps.memory.layout.dimensions }
    await this.#inTurn(async () => {
      await forEachInSlices(entries, (entry) => checkEntry(entry, kind))
      await this.#write(entries, (entry) => this.#rows.put(entry))
    }, waiting)
  }

  async updatePayload(payload: IndexPayload, waiting: Waiting = {}): Promise<void> {
    checkPayload(payload)
    const rows = this.#rows
    await this.#inTurn(
      () => this.#write(rows.rowsOf(payload.personId), (row) => rows.renew(row, payload)),
      waiting,
    )
  }

  async remove(imageIds: readonly ImageId[], waiting: Waiting = {}): Promise<void> {
    await this.#inTurn(() => this.#write(imageIds, (imageId) => this.#rows.remove(imageId)), waiting)
  }

  /** Cosines are those of core's `cosineBetween`, bit for bit. @throws TypeError as `upsert` does */
  async search(
    probe: Descriptor,
    query: IndexQuery,
    waiting: Waiting = {},
  ): Promise<readonly CandidatePerson[]> {
    checkDescriptor(probe, { packId: this.#deps.packId, dimensions: this.#deps.memory.layout.dimensions })
    return this.#inTurn(() => this.#search(probe.values, query, waiting), waiting)
  }

  /** @throws TypeError as `upsert` does, for any of the probes */
  async searchMany(
    probes: readonly IndexProbe[],
    query: ManyQuery,
    { giveWay, ...waiting }: GivingWay = {},
  ): Promise<readonly (readonly CandidatePerson[])[]> {
    const kind = { packId: this.#deps.packId, dimensions: this.#deps.memory.layout.dimensions }
    for (const { descriptor } of probes) checkDescriptor(descriptor, kind)
    const { partRows } = this.#deps
    const found: (readonly CandidatePerson[])[] = []
    for (let at = 0; at < probes.length; at += MOST_PROBES) {
      const lists = new MergedCandidates(probes.slice(at, at + MOST_PROBES))
      for (let rowFrom = 0; rowFrom === 0 || rowFrom < this.#rows.rowEnd; rowFrom += partRows) {
        await giveWay?.()
        await this.#inTurn(() => this.#searchPart(lists, { query, rowFrom }, waiting), waiting)
      }
      found.push(...lists.best(query.limit))
    }
    return found
  }

  async listImageIds(
    query: { readonly after: ImageId | null; readonly limit: number },
    waiting: Waiting = {},
  ): Promise<readonly ImageId[]> {
    return this.#inTurn(async () => {
      const found: ImageId[] = []
      let step: readonly ImageId[]
      do {
        const after = found.at(-1) ?? query.after
        step = this.#rows.imageIdsAfter(after, Math.min(LIST_STEP, query.limit - found.length))
        for (const id of step) found.push(id)
        await new Promise(setImmediate)
      } while (step.length === LIST_STEP)
      return found
    }, waiting)
  }

  async count(waiting: Waiting = {}): Promise<number> {
    this.#throwIfClosed()
    waiting.signal?.throwIfAborted()
    return this.#rows.count
  }

  async countMatching(filter: GalleryFilter, waiting: Waiting = {}): Promise<number> {
    return this.#inTurn(async () => {
      const rows = await this.#rowsMatching(filter)
      return rows === null ? 0 : this.#countRows(rows)
    }, waiting)
  }

  /** Those at equal distances, in the order of the rows: asked again, it answers the same. */
  async sampleMatching({ filter, limit }: SampleQuery, waiting: Waiting = {}): Promise<readonly PersonId[]> {
    return this.#inTurn(async () => {
      const rows = await this.#rowsMatching(filter)
      if (rows === null) return []
      const count = await this.#countRows(rows)
      const sampled: PersonId[] = []
      // The place of the next one among all that match, in the order of the rows.
      const next = () =>
        sampled.length < Math.min(limit, count)
          ? Math.floor(sampled.length * Math.max(1, count / limit))
          : Number.POSITIVE_INFINITY
      let passed = 0
      await this.#forEachBlock(rows, ({ first, chosen }) => {
        while (next() < passed + chosen.length)
          sampled.push(this.#rows.personOf(first + (chosen[next() - passed] ?? 0)))
        passed += chosen.length
      })
      return sampled
    }, waiting)
  }

  async check(waiting: Waiting = {}): Promise<void> {
    this.#throwIfClosed()
    waiting.signal?.throwIfAborted()
    await this.#deps.pool.check()
  }

  /** Ends the threads; calls that were waiting reject with E_INDEX_UNAVAILABLE. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#deps.pool.cancel()
    // It waits behind all calls that have come so far.
    await this.#turns.run(async () => {})
    await this.#deps.pool.close()
  }

  /** Null: none can match. */
  async #rowsMatching(filter: GalleryFilter): Promise<RowFilter | null> {
    const resolved = await resolveFilter({ filter, exclude: [] }, this.#rows)
    return resolved === null ? null : new RowFilter(resolved, this.#deps.memory.tables)
  }

  async #countRows(rows: RowFilter): Promise<number> {
    if (rows.isOpen) return this.#rows.count
    let found = 0
    await this.#forEachBlock(rows, ({ chosen }) => {
      found += chosen.length
    })
    return found
  }

  /** @param step is given the rows that are chosen of each block, counted from its first */
  async #forEachBlock(
    rows: RowFilter,
    step: (block: { readonly first: number; readonly chosen: Uint32Array }) => void,
  ): Promise<void> {
    const chosen = new Uint32Array(BLOCK_ROWS)
    await forEachInSlices(blockStarts(this.#rows.rowEnd), (first) => {
      const found = rows.select(first, Math.min(BLOCK_ROWS, this.#rows.rowEnd - first), chosen)
      step({ first, chosen: chosen.subarray(0, found) })
    })
  }

  async #write<T>(items: Iterable<T>, step: (item: T) => void): Promise<void> {
    try {
      await forEachInSlices(items, step)
    } catch (cause) {
      // Everything was checked before: what is left is memory that the system does not give.
      throw indexUnavailable(cause)
    }
  }

  async #search(probe: Float32Array, query: IndexQuery, waiting: Waiting): Promise<CandidatePerson[]> {
    if (query.limit < 1) return []
    const filter = await resolveFilter(query, this.#rows)
    if (filter === null) return []
    const probes = [{ values: probe, except: [] }]
    const range = { rowFrom: 0, rowEnd: this.#rows.rowEnd }
    const scan = { probes, ...range, filter, minCosine: roundCosine(query.minCosine) }
    const goal = { kind: 'persons', limit: query.limit } as const
    const [ranked = []] = await this.#scan({ ...scan, goal }, waiting)
    const persons = ranked.slice(0, query.limit)
    if (query.imagesPerPerson <= 1 || persons.length === 0)
      return persons.map((rows) => this.#candidate(rows.slice(0, 1)))
    return this.#withImages(
      persons,
      { ...scan, goal: { kind: 'images', limit: query.imagesPerPerson } },
      waiting,
    )
  }

  /** Rows may be somebody else's by the next part: what is found is named by ids at once. */
  async #searchPart(
    lists: MergedCandidates,
    { query, rowFrom }: { readonly query: ManyQuery; readonly rowFrom: number },
    waiting: Waiting,
  ): Promise<void> {
    const rowEnd = Math.min(rowFrom + this.#deps.partRows, this.#rows.rowEnd)
    const filter = await resolveFilter({ ...query, exclude: [] }, this.#rows)
    if (query.limit < 1 || filter === null || rowFrom >= rowEnd) return
    const probes = lists.probes.map(({ descriptor, exclude }) => ({
      values: descriptor.values,
      except: exclude.map((personId) => this.#rows.personOrdinal(personId)),
    }))
    const goal = { kind: 'persons', limit: query.limit } as const
    const minCosine = roundCosine(query.minCosine)
    const ranked = await this.#scan({ probes, rowFrom, rowEnd, filter, minCosine, goal }, waiting)
    for (const [at, persons] of ranked.entries())
      lists.add(
        at,
        persons.map((rows) => this.#candidate(rows.slice(0, 1))),
      )
  }

  /** A second scan, of the rows of these persons only. */
  async #withImages(
    persons: readonly FoundRow[][],
    scan: Scan & { readonly goal: { readonly limit: number } },
    waiting: Waiting,
  ): Promise<CandidatePerson[]> {
    const ordinals = persons.flatMap((rows) => rows.slice(0, 1).map(({ person }) => person))
    const only = { op: 'in', ordinals, end: this.#rows.personEnd } as const
    const filter: ScanFilter = { ...scan.filter, persons: only }
    const [ranked = []] = await this.#scan({ ...scan, filter }, waiting)
    return ranked.map((rows) => this.#candidate(rows.slice(0, scan.goal.limit)))
  }

  /** By probe: each person's rows, best first, persons by their best row. */
  async #scan(scan: Scan, waiting: Waiting): Promise<FoundRow[][][]> {
    if (scan.rowEnd === 0) return scan.probes.map(() => [])
    const parts = await this.#deps.pool.scan(scan, waiting)
    // A scan that `close` has cut short is not complete.
    this.#throwIfClosed()
    return scan.probes.map((_, at) =>
      rankCandidates(
        parts.flatMap((found) => found.slice(at, at + 1)),
        this.#deps.memory.tables,
      ),
    )
  }

  #candidate(rows: readonly FoundRow[]): CandidatePerson {
    const personId = this.#rows.personId(rows[0]?.person ?? 0) as PersonId
    const images = rows.map(({ row, cosine }) => ({ personId, imageId: this.#rows.imageId(row), cosine }))
    return { personId, images }
  }

  #inTurn<T>(task: () => Promise<T>, waiting: Waiting): Promise<T> {
    this.#throwIfClosed()
    return this.#turns.run(() => {
      this.#throwIfClosed()
      return task()
    }, waiting)
  }

  #throwIfClosed(): void {
    if (this.#isClosed) throw indexUnavailable(new Error('the index is closed'))
  }
}

function* blockStarts(rowEnd: number): Generator<number> {
  for (let first = 0; first < rowEnd; first += BLOCK_ROWS) yield first
}
