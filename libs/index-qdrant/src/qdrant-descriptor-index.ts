import {
  type CandidatePerson,
  type Clock,
  checkDescriptor,
  type Descriptor,
  type GalleryFilter,
  type GivingWay,
  type ImageId,
  type IndexCopy,
  type IndexEntry,
  type IndexGenerationRegistry,
  type IndexPayload,
  type IndexProbe,
  type IndexQuery,
  indexUnavailable,
  type ListedVector,
  type ManyQuery,
  type ObserveDamage,
  type PackId,
  type PersonId,
  type RebuildableIndex,
  type SampleQuery,
  type Waiting,
} from '@semblance/core'
import { checkEntries } from './check-entries.ts'
import { countNodes } from './collection-layout.ts'
import { type CollectionNames, collectionNames } from './collection-names.ts'
import { findCandidates } from './find-candidates.ts'
import { GenerationKeeper } from './generation-keeper.ts'
import { KnownGenerations, registered } from './known-generations.ts'
import { type LayoutDifference, layoutDifferences, layoutOn } from './layout-differences.ts'
import { countPoints, listPointIds, listPoints, sampleOwners } from './list-points.ts'
import { pointFilter } from './point-filter.ts'
import { deletePoints, overwritePayload, upsertPoints } from './point-writes.ts'
import { isMissingCollection, QdrantCalls } from './qdrant-calls.ts'
import { QdrantFault } from './qdrant-fault.ts'
import { qdrantPoints } from './qdrant-points.ts'
import { RecallShadow, type RecallShadowOptions } from './recall-shadow.ts'
import {
  EXACT,
  EXACT_BY_ORIGINALS,
  estimateMatches,
  type SearchParams,
  SearchParamsByFilter,
} from './search-params.ts'
import { StrangePoints } from './strange-points.ts'
import { UpsertBatches } from './upsert-batches.ts'

export interface QdrantIndexConfig {
  /** Nodes of one cluster, or its load balancer; tried in turn. */
  readonly urls: readonly string[]
  readonly apiKey?: string | undefined
  readonly packId: PackId
  /** Values of a descriptor of that pack; null where only the index itself can tell, which must be there then. */
  readonly dimensions: number | null
  readonly registry: IndexGenerationRegistry
  readonly clock: Pick<Clock, 'monotonic'>
  /**
   * The time for one call to Qdrant, repetitions included; default 5000. A search makes two calls or three, rarely
   * more.
   */
  readonly timeoutMs?: number
  /** The shards of new collections, fixed for their life; default 12. */
  readonly shardNumber?: number
  /** The replicas of new collections; default 2, or 1 on a single node. */
  readonly replicationFactor?: number
  /** Replicas that must have a write before it is acknowledged; default 1, see README. */
  readonly writeConsistencyFactor?: number
  /** The quantization of new collections and of searches; default none. */
  readonly quantization?: 'none' | 'int8'
  /** A writer writes to other indexes, too, before it resolves, and has written to all of them within so long; default 0. */
  readonly writtenWithinMs?: number
  /** The names of collections begin with it, so that two installations can share a cluster; default `semblance`. */
  readonly namePrefix?: string
  /** 0 <= x < 1; spreads repetitions. */
  readonly random?: () => number
  /** Vectors that may be there while the registry knows of no generation; default 0, beyond it E_RECORDS_MISSING. */
  readonly acceptedMissing?: number
  /** This is told at the opening of what the settings ask to be another way than the index was made. */
  readonly onLayoutDiffers?: ((difference: LayoutDifference) => void) | undefined
  /** This is told of points that cannot be used; searches leave them out. */
  readonly onDamage?: ObserveDamage | undefined
  /** How searches are checked against an exact look at everybody; left out, or with a share of 0, none is. */
  readonly recall?: RecallShadowOptions | undefined
}

const DEFAULT_TIMEOUT_MS = 5_000
const DEFAULT_SHARDS = 12
const DEFAULT_REPLICAS = 2
const GENERATIONS_MAX_AGE_MS = 2_000
/** Clocks of two machines run at slightly different speeds. */
const SETTLE_SLACK_MS = 500

/**
 * Opens the index of one pack, and makes it if the registry knows of none.
 * @throws AppError E_INDEX_UNAVAILABLE if Qdrant does not answer within the time limit; opening may be tried again
 */
export async function openQdrantDescriptorIndex(
  config: QdrantIndexConfig,
  waiting?: Waiting,
): Promise<QdrantDescriptorIndex> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, random = Math.random, quantization = 'none' } = config
  const calls = new QdrantCalls({ ...config, timeoutMs, random })
  const known = new KnownGenerations({ ...config, maxAgeMs: GENERATIONS_MAX_AGE_MS })
  const names = collectionNames(config.namePrefix ?? 'semblance', config.packId)
  const layout = async (during?: Waiting) => {
    return layoutOn(await countNodes(calls, during), {
      dimensions: config.dimensions ?? 0,
      shardNumber: config.shardNumber ?? DEFAULT_SHARDS,
      replicationFactor: config.replicationFactor ?? DEFAULT_REPLICAS,
      writeConsistencyFactor: config.writeConsistencyFactor ?? 1,
      quantization,
    })
  }
  const keeper = new GenerationKeeper({
    calls,
    known,
    names,
    packId: config.packId,
    acceptedMissing: config.acceptedMissing ?? 0,
    layout,
  })
  const found = await keeper.ensureServing(config.dimensions, waiting)
  if (found !== null && config.dimensions !== null && config.onLayoutDiffers !== undefined)
    layoutDifferences(found, await layout(waiting)).forEach(config.onLayoutDiffers)
  const paramsByFilter = new SearchParamsByFilter({ calls, collection: names.alias, clock: config.clock })
  if (found === null && config.dimensions === null)
    throw indexUnavailable(new QdrantFault('there is no such collection'))
  const { packId } = config
  const dimensions = config.dimensions ?? found?.dimensions ?? 0
  const kind = { packId, dimensions }
  const strange = new StrangePoints({ clock: config.clock, onDamage: config.onDamage ?? (() => {}) })
  return new QdrantDescriptorIndex({
    shadow: shadowOf(config, random),
    calls,
    known,
    names,
    keeper,
    kind,
    quantization,
    paramsByFilter,
    strange,
    writtenWithinMs: config.writtenWithinMs ?? 0,
  })
}

function shadowOf(config: QdrantIndexConfig, random: () => number): RecallShadow | null {
  const { recall } = config
  return recall === undefined || recall.share === 0
    ? null
    : new RecallShadow({ ...config, ...recall, random })
}

interface QdrantDescriptorIndexDeps {
  readonly shadow: RecallShadow | null
  readonly calls: QdrantCalls
  readonly known: KnownGenerations
  readonly names: CollectionNames
  readonly keeper: GenerationKeeper
  readonly kind: { readonly packId: PackId; readonly dimensions: number }
  readonly quantization: 'none' | 'int8'
  readonly paramsByFilter: SearchParamsByFilter
  readonly strange: StrangePoints
  readonly writtenWithinMs: number
}

/** Descriptors as points of a sharded Qdrant; made by `openQdrantDescriptorIndex`. */
export class QdrantDescriptorIndex implements RebuildableIndex {
  readonly registrySettleMs: number
  readonly #deps: QdrantDescriptorIndexDeps
  readonly #batches: UpsertBatches
  #isClosed = false

  constructor(deps: QdrantDescriptorIndexDeps) {
    this.#deps = deps
    this.registrySettleMs = GENERATIONS_MAX_AGE_MS + SETTLE_SLACK_MS + deps.writtenWithinMs
    this.#batches = new UpsertBatches((target, waiting) => upsertPoints(this.#calls(), target, waiting))
  }

  async upsert(entries: readonly IndexEntry[], waiting?: Waiting): Promise<void> {
    const checked = [...checkEntries(entries, this.#deps.kind).values()]
    await this.#writeToAll(
      (collection) => this.#batches.upsert({ collection, entries: checked }, waiting),
      waiting,
    )
  }

  async updatePayload(payload: IndexPayload, waiting?: Waiting): Promise<void> {
    await this.#writeToAll(
      (collection) => overwritePayload(this.#calls(), { collection, payload }, waiting),
      waiting,
    )
  }

  async remove(imageIds: readonly ImageId[], waiting?: Waiting): Promise<void> {
    await this.#writeToAll(
      (collection) => deletePoints(this.#calls(), { collection, imageIds }, waiting),
      waiting,
    )
  }

  async search(probe: Descriptor, query: IndexQuery, waiting?: Waiting): Promise<readonly CandidatePerson[]> {
    waiting?.signal?.throwIfAborted()
    checkDescriptor(probe, this.#deps.kind)
    const { shadow, paramsByFilter } = this.#deps
    const params = await paramsByFilter.choose(query.filter, waiting)
    const look = (how: SearchParams, during?: Waiting) => this.#look({ probe, query, params: how }, during)
    if (shadow === null) return look(params, waiting)
    const answered = await shadow.during(() => look(params, waiting))
    shadow.offer({
      isExact: params === EXACT,
      answered,
      exactly: (during) => look(EXACT_BY_ORIGINALS, during),
      again: (during) => look(params, during),
      countMatches: (during) =>
        estimateMatches({ calls: this.#calls(), collection: this.#deps.names.alias }, query.filter, during),
    })
    return answered
  }

  /** One after the other: a question of several probes would take all of the cores of a node, before a caller's search. */
  async searchMany(
    probes: readonly IndexProbe[],
    query: ManyQuery,
    { giveWay, ...waiting }: GivingWay = {},
  ): Promise<readonly (readonly CandidatePerson[])[]> {
    const found: (readonly CandidatePerson[])[] = []
    for (const { descriptor, exclude } of probes) {
      await giveWay?.()
      found.push(await this.search(descriptor, { ...query, exclude, imagesPerPerson: 1 }, waiting))
    }
    return found
  }

  async listImageIds(
    query: { readonly after: ImageId | null; readonly limit: number },
    waiting?: Waiting,
  ): Promise<readonly ImageId[]> {
    return listPointIds(this.#calls(), { collection: this.#deps.names.alias, ...query }, waiting)
  }

  async listVectors(
    query: { readonly after: ImageId | null; readonly limit: number },
    waiting?: Waiting,
  ): Promise<readonly ListedVector[]> {
    return listPoints(this.#calls(), { collection: this.#deps.names.alias, ...query }, waiting)
  }

  async count(waiting?: Waiting): Promise<number> {
    return countPoints(this.#calls(), { collection: this.#deps.names.alias, filter: null }, waiting)
  }

  async countMatching(filter: GalleryFilter, waiting?: Waiting): Promise<number> {
    const points = pointFilter({ filter, only: null, except: [] })
    if (points === 'nobody') return 0
    return countPoints(this.#calls(), { collection: this.#deps.names.alias, filter: points }, waiting)
  }

  /** At random. A point that names nobody is passed over. */
  async sampleMatching({ filter, limit }: SampleQuery, waiting?: Waiting): Promise<readonly PersonId[]> {
    const points = pointFilter({ filter, only: null, except: [] })
    if (points === 'nobody') return []
    const wanted = { collection: this.#deps.names.alias, filter: points, limit }
    return sampleOwners(this.#calls(), wanted, waiting)
  }

  async check(waiting?: Waiting): Promise<void> {
    const info = await this.#calls().run(
      (api, { init }) => api.getCollection({ collection_name: this.#deps.names.alias }, init),
      waiting,
    )
    if (info.status === 'red') throw indexUnavailable(new QdrantFault('the collection is red'))
  }

  /** Nothing is held open between calls; later ones fail. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#deps.shadow?.close()
  }

  async beginGeneration(waiting?: Waiting): Promise<string> {
    return this.#deps.keeper.begin(waiting)
  }

  async otherGenerations(waiting?: Waiting): Promise<readonly string[]> {
    return (await this.#deps.known.refresh(waiting)).list.others
  }

  generation(name: string): IndexCopy {
    const collection = this.#deps.names.collectionOf(name)
    const { kind } = this.#deps
    return {
      upsert: async (entries, waiting) => {
        const checked = [...checkEntries(entries, kind).values()]
        await upsertPoints(this.#calls(), { collection, entries: checked }, waiting)
      },
      updatePayload: (payload, waiting) => overwritePayload(this.#calls(), { collection, payload }, waiting),
      remove: (imageIds, waiting) => deletePoints(this.#calls(), { collection, imageIds }, waiting),
      listVectors: (query, waiting) => listPoints(this.#calls(), { collection, ...query }, waiting),
      count: (waiting) => countPoints(this.#calls(), { collection, filter: null }, waiting),
    }
  }

  async serve(generation: string, waiting?: Waiting): Promise<void> {
    await this.#deps.keeper.serve(generation, waiting)
  }

  async drop(generation: string, waiting?: Waiting): Promise<void> {
    await this.#deps.keeper.drop(generation, waiting)
  }

  /** The index of a pack that no gallery has any more goes, with all of its copies. Whoever still writes to it writes nothing. */
  async dropAll(waiting?: Waiting): Promise<void> {
    await this.#deps.keeper.dropAll(waiting)
  }

  /**
   * Resolves only under a list of generations that was current a moment ago: a process that was paused in between
   * looks again, and writes what has come since. So `registrySettleMs` holds for zombies, too.
   */
  async #writeToAll(write: (collection: string) => Promise<void>, waiting?: Waiting): Promise<void> {
    const { known } = this.#deps
    const written = new Set<string>()
    for (;;) {
      waiting?.signal?.throwIfAborted()
      const read = await known.read(waiting)
      const targets = registered(read.list).filter((generation) => !written.has(generation))
      await Promise.all(targets.map((generation) => this.#writeTo(generation, write, waiting)))
      for (const generation of targets) written.add(generation)
      if (targets.length === 0 || known.isCurrent(read)) return
    }
  }

  /** A generation that was dropped meanwhile need not be written to. */
  async #writeTo(
    generation: string,
    write: (collection: string) => Promise<void>,
    waiting?: Waiting,
  ): Promise<void> {
    try {
      await write(this.#deps.names.collectionOf(generation))
    } catch (fault) {
      if (!isMissingCollection(fault)) throw fault
      const { list } = await this.#deps.known.refresh(waiting)
      if (registered(list).includes(generation)) throw fault
    }
  }

  #look(
    search: { readonly probe: Descriptor; readonly query: IndexQuery; readonly params: SearchParams },
    waiting?: Waiting,
  ): Promise<readonly CandidatePerson[]> {
    const { names, strange, kind, quantization } = this.#deps
    const { probe, query, params } = search
    const reading = {
      collection: names.alias,
      packId: kind.packId,
      quantization: params === EXACT_BY_ORIGINALS ? 'none' : quantization,
      params,
      strange,
    } as const
    return findCandidates(qdrantPoints(this.#calls(), { reading, probe }, waiting), probe, query)
  }

  #calls(): QdrantCalls {
    if (this.#isClosed) throw indexUnavailable(new QdrantFault('the index was closed'))
    return this.#deps.calls
  }
}
