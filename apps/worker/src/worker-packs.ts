import { setTimeout as sleep } from 'node:timers/promises'
import { type KnownPacks, packsOf } from '@semblance/cluster'
import {
  type FaceEngines,
  type GalleryPacks,
  type PackHolder,
  type PackId,
  packMissing,
  storeUnavailable,
  type Waiting,
} from '@semblance/core'
import { type PackInMemory, PacksInMemory, type PacksInMemoryDeps } from './packs-in-memory.ts'

export interface WorkerPacksDeps extends PacksInMemoryDeps {
  readonly onServing: (packId: PackId) => void
  /** This is told what the gallery has where it goes by another pack than the settings name. */
  readonly onApart: (packs: GalleryPacks) => void
}

/** What this process knows of the gallery once its stores are open. */
interface Gallery {
  readonly known: KnownPacks
  /** After so long every process writes to the index of a pack that this one has met. */
  readonly settleMs: number
}

const FOLLOW_EVERY_MS = 1_000
/** So long a job waits for a store that was away a moment ago. */
const AWAY_MS = 500
/** A pack that could not be loaded is tried again. */
const AGAIN_MS = 30_000

/**
 * The packs that a worker has loaded. It follows what is written down of the gallery: each job reads which pack serves as it
 * begins, so that all workers switch by one write; and beside the jobs a pack that comes is loaded, and one that goes is closed
 * once nobody works with it.
 */
export class WorkerPacks implements PackHolder {
  readonly #deps: WorkerPacksDeps
  readonly #packs: PacksInMemory
  readonly #stopping = new AbortController()
  #gallery: Gallery | null = null
  #isStoreAway = false
  readonly #configured: PackId
  #serving: PackId | null = null
  #following: Promise<void> = Promise.resolve()

  /** @param configured the pack of the settings: that of a gallery which is new, and no other's */
  constructor(deps: WorkerPacksDeps, configured: PackId) {
    this.#deps = deps
    this.#configured = configured
    this.#packs = new PacksInMemory(deps)
  }

  /** As far as this process has heard; null before it knows of any. */
  get serving(): PackId | null {
    return this.#serving
  }

  /** Known of, and not there yet. */
  get isLoading(): boolean {
    return this.#gallery !== null && this.#packs.loaded.length === 0
  }

  /** Packs whose networks are loaded, those included that only jobs which began earlier work with. */
  get loaded(): readonly PackId[] {
    return this.#packs.loaded
  }

  /** Those of them whose networks answer to no picture now: they are not to serve. Jobs may be at work with them all the same. */
  get dead(): readonly PackId[] {
    return this.#packs.dead
  }

  /**
   * Loads what the gallery has, and follows it from now on. Throws E_PACK_MISMATCH if the pack that serves is not at hand; the
   * other one may come later.
   */
  async follow(gallery: Gallery): Promise<void> {
    this.#gallery = gallery
    const { packs } = await gallery.known.refresh()
    await this.#packs.load(packs.serving).opening.catch((fault) => {
      throw packs.serving === this.#configured ? fault : packMissing(packs.serving, fault)
    })
    if (packs.serving !== this.#configured) this.#deps.onApart(packs)
    this.#serve(packs.serving)
    const { other } = packs
    if (other !== null)
      await this.#packs.load(other).opening.catch((fault) => this.#deps.onFault(other, fault))
    // A writer of the pack that comes must know that all others know of it.
    if (other !== null) await gallery.known.untilKnownFor(other, gallery.settleMs)
    await this.#unload()
    this.#following = this.#followOn()
  }

  async use<T>(work: (engines: FaceEngines) => Promise<T>, waiting?: Waiting): Promise<T> {
    const gallery = this.#gallery
    if (gallery === null) throw storeUnavailable(new Error('it is not connected yet'))
    const { packs } = await this.#readPacks(gallery, waiting)
    // Held before it is waited for: it may be dropped meanwhile.
    const serving = this.#packs.load(packs.serving)
    serving.uses.begin()
    const other = packs.other === null ? null : this.#usable(packs.other, gallery)
    other?.uses.begin()
    try {
      const { engine } = await serving.opening
      this.#serve(packs.serving)
      const engines = [engine, ...(other?.pack == null ? [] : [other.pack.engine])]
      const of = (packId: PackId) => engines.find((one) => one.packId === packId) ?? null
      return await work({ serving: engine, others: engines.slice(1), of })
    } finally {
      serving.uses.end()
      other?.uses.end()
    }
  }

  async close(): Promise<void> {
    this.#stopping.abort(new Error('the worker is stopping'))
    await this.#following
    await this.#packs.close()
  }

  /**
   * As it is written down now. Jobs that need no store go on without one, by what was written down last: whatever reads or
   * writes the gallery fails then by itself. The first of them find out that it is away; those behind them do not wait for it.
   */
  async #readPacks({ known }: Gallery, waiting?: Waiting): Promise<{ readonly packs: GalleryPacks }> {
    const late = this.#isStoreAway ? AbortSignal.timeout(AWAY_MS) : undefined
    const signals = [waiting?.signal, late].filter((signal) => signal !== undefined)
    try {
      const read = await known.refresh(signals.length === 0 ? {} : { signal: AbortSignal.any(signals) })
      this.#isStoreAway = false
      return read
    } catch {
      waiting?.signal?.throwIfAborted()
      this.#isStoreAway = true
      return known.remember()
    }
  }

  /** Null: its networks are not there yet, or some process may not write to its index yet. */
  #usable(packId: PackId, { known, settleMs }: Gallery): PackInMemory | null {
    const loaded = this.#packs.get(packId)
    const isKnown = (known.knownForMs(packId) ?? 0) >= settleMs
    return loaded !== null && loaded.pack !== null && isKnown ? loaded : null
  }

  #serve(packId: PackId): void {
    if (this.#serving === packId) return
    this.#serving = packId
    this.#deps.onServing(packId)
  }

  async #followOn(): Promise<void> {
    const { signal } = this.#stopping
    let triedAt = Number.NEGATIVE_INFINITY
    while (!signal.aborted) {
      await sleep(FOLLOW_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined)
      if (signal.aborted || this.#gallery === null) return
      try {
        // Of a store that is away jobs tell.
        const read = await this.#gallery.known.refresh({ signal }).catch(() => null)
        if (read === null) continue
        const missing = packsOf(read.packs).filter((packId) => !this.#packs.has(packId))
        if (missing.length > 0 && performance.now() - triedAt >= AGAIN_MS) {
          triedAt = performance.now()
          for (const packId of missing)
            this.#packs.load(packId).opening.catch((fault) => this.#deps.onFault(packId, fault))
        }
        if (missing.length === 0) triedAt = Number.NEGATIVE_INFINITY
        await this.#unload()
      } catch (fault) {
        this.#deps.onFault(this.#serving ?? this.#configured, fault)
      }
    }
  }

  /** Packs that the gallery has no more are closed, each once nobody works with it. */
  async #unload(): Promise<void> {
    const read = await this.#gallery?.known.read()
    if (read !== undefined) this.#packs.keepOnly(packsOf(read.packs))
  }
}
