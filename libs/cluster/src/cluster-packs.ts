import {
  type GalleryPacks,
  hasMoved,
  type IndexCopy,
  type PackDesk,
  type PackId,
  Slots,
  type Waiting,
} from '@semblance/core'
import type { MongoRecordStore } from '@semblance/store-mongo'
import type { IndexOfPacks } from './index-of-packs.ts'
import { type KnownPacks, packsOf } from './known-packs.ts'
import type { PackSummary } from './read-pack-summary.ts'

/** A live worker, as the queue knows it. */
export interface KnownWorker {
  /** Packs that it has loaded; null: it is of a release that cannot load a second one. */
  readonly packs: readonly string[] | null
  /** Those of them whose networks answer to no picture now: they are in memory, and no use. Left out: none. */
  readonly deadPacks?: readonly string[]
}

export interface ClusterPacksDeps {
  readonly records: Pick<MongoRecordStore, 'settings' | 'descriptors' | 'packsWithGenerations'>
  readonly known: KnownPacks
  readonly index: IndexOfPacks
  /** Throws E_PACK_INVALID. */
  readonly summaryOf: (name: string) => Promise<PackSummary>
  /** Throws E_PACK_INVALID. */
  readonly operatingPointOf: (packId: PackId) => Promise<number>
  /** Throws E_QUEUE_UNAVAILABLE. */
  readonly workers: () => Promise<readonly KnownWorker[]>
}

/** Images that lose descriptors of a dropped pack in one call. */
const DROPPED_AT_ONCE = 200

/**
 * Moves the gallery of a cluster between packs. All of its state is one document in MongoDB, which every process reads: a
 * worker with each job, a writer every two seconds. See docs/redescribe.md.
 */
export class ClusterPacks implements PackDesk {
  readonly #deps: ClusterPacksDeps
  /** Begin and tidying take turns: an index that was made is not to be taken for one that was dropped. */
  readonly #turns = new Slots(1)
  /** The state after which nothing was left of dropped packs. */
  #tidyRev: number | null = null
  /** The pack whose index this process has made, or found, since the gallery has it. */
  #made: PackId | null = null

  constructor(deps: ClusterPacksDeps) {
    this.#deps = deps
  }

  readPacks(waiting?: Waiting): Promise<GalleryPacks | null> {
    return this.#deps.records.settings.readPacks(waiting)
  }

  async identify(name: string): Promise<PackId> {
    return (await this.#deps.summaryOf(name)).packId
  }

  operatingPoint(packId: PackId): Promise<number> {
    return this.#deps.operatingPointOf(packId)
  }

  /** Resolves once no process writes without knowing of the pack. Its networks come later: each worker loads them by itself. */
  async begin(packId: PackId, waiting?: Waiting): Promise<'begun' | 'busy'> {
    const begun = await this.#turns.run(() => this.#writeDown(packId, waiting), waiting ?? {})
    if (begun === 'busy') return 'busy'
    const { known, index } = this.#deps
    return (await known.untilKnownFor(packId, index.registrySettleMs, waiting)) ? 'begun' : 'busy'
  }

  async countUnready(packId: PackId): Promise<number> {
    const workers = await this.#deps.workers()
    const isReady = ({ packs, deadPacks = [] }: KnownWorker) =>
      packs?.includes(packId) === true && !deadPacks.includes(packId)
    return workers.filter((worker) => !isReady(worker)).length
  }

  async copyOf(packId: PackId, waiting?: Waiting): Promise<IndexCopy> {
    return this.#deps.index.of(packId, waiting)
  }

  /** One write, which is the switch of every process: a job that begins after it reads it. */
  async switchTo(packId: PackId, waiting?: Waiting): Promise<boolean> {
    for (;;) {
      const { serving, other, rev } = await this.#require(waiting)
      if (serving === packId) return true
      if (other !== packId || (await this.countUnready(packId)) > 0) return false
      if (await this.#change({ serving: packId, other: serving, rev: rev + 1 }, waiting)) return true
    }
  }

  /** It is no pack of the gallery any more once this resolves; `tidyAway` removes what is left of it. */
  async drop(waiting?: Waiting): Promise<boolean> {
    for (;;) {
      const { serving, other, rev } = await this.#require(waiting)
      if (other === null) return false
      if (await this.#change({ serving, other: null, rev: rev + 1 }, waiting)) return true
    }
  }

  tidyAway(waiting?: Waiting): Promise<void> {
    return this.#turns.run(() => this.#tidy(waiting), waiting ?? {})
  }

  tidyOnceMore(): void {
    this.#tidyRev = null
  }

  async #writeDown(packId: PackId, waiting?: Waiting): Promise<'begun' | 'busy'> {
    const { index, summaryOf } = this.#deps
    for (;;) {
      const { serving, other, rev } = await this.#require(waiting)
      if (serving === packId) return 'begun'
      if (other !== null && other !== packId) return 'busy'
      if (other === packId && this.#made === packId) return 'begun'
      // Before it is written down: whoever reads of the pack finds its index.
      await index.make(await summaryOf(packId), waiting)
      if (other === packId) return this.#begun(packId)
      if (!(await this.#change({ serving, other: packId, rev: rev + 1 }, waiting))) continue
      // A process that led before, and slept, may have tidied the index away in between.
      await index.make(await summaryOf(packId), waiting)
      return this.#begun(packId)
    }
  }

  #begun(packId: PackId): 'begun' {
    this.#made = packId
    return 'begun'
  }

  /** What a dropped pack has left goes once no worker has it loaded: a job searches to its end in the index that it began with. */
  async #tidy(waiting?: Waiting): Promise<void> {
    const { records, index, workers } = this.#deps
    const packs = await this.#require(waiting)
    if (!hasMoved(packs) || packs.rev === this.#tidyRev) return
    const left = (await records.packsWithGenerations(waiting)).filter((id) => !packsOf(packs).includes(id))
    const inUse = (await workers()).flatMap((worker) => worker.packs ?? left)
    if (left.some((packId) => inUse.includes(packId))) return
    for (const packId of left) {
      if (this.#made === packId) this.#made = null
      await (await index.of(packId, waiting)).dropAll(waiting)
    }
    if (packs.other !== null) return
    const query = { packId: packs.serving, limit: DROPPED_AT_ONCE }
    while ((await records.descriptors.keepOnly(query, waiting)) > 0) waiting?.signal?.throwIfAborted()
    this.#tidyRev = packs.rev
  }

  async #change(next: GalleryPacks, waiting?: Waiting): Promise<boolean> {
    const isChanged = await this.#deps.records.settings.changePacks(next, waiting)
    await this.#deps.known.refresh(waiting)
    return isChanged
  }

  async #require(waiting?: Waiting): Promise<GalleryPacks> {
    return (await this.#deps.known.refresh(waiting)).packs
  }
}
