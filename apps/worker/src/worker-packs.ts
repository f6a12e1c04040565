import { setTimeout as sleep } from 'node:timers/promises'
import { type KnownPacks, packsOf } from '@semblance/cluster'
import {
  type FaceEngine,
  type FaceEngines,
  type GalleryPacks,
  type PackHolder,
  type PackId,
  packMismatch,
  storeUnavailable,
  Uses,
  type Waiting,
} from '@semblance/core'

/** The networks of one pack in memory. */
export interface OpenedPack {
  readonly engine: FaceEngine
  /** Gives their memory back. */
  close(): Promise<void>
}

export interface WorkerPacksDeps {
  /** Throws E_PACK_INVALID. */
  readonly open: (packId: PackId) => Promise<OpenedPack>
  readonly onServing: (packId: PackId) => void
  readonly onFault: (packId: PackId, fault: unknown) => void
  /** This is told where the gallery has another pack than the settings name. */
  readonly onOther: (packs: { readonly serving: PackId; readonly configured: PackId }) => void
}

/** What this process knows of the gallery once its stores are open. */
interface Gallery {
  readonly known: KnownPacks
  /** After so long every process writes to the index of a pack that this one has met. */
  readonly settleMs: number
}

interface Loaded {
  readonly packId: PackId
  readonly opening: Promise<OpenedPack>
  readonly uses: Uses
  /** Null until its networks are there. */
  pack: OpenedPack | null
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
  readonly #loaded = new Map<PackId, Loaded>()
  readonly #leaving = new Set<Loaded>()
  readonly #stopping = new AbortController()
  #gallery: Gallery | null = null
  #isStoreAway = false
  #serving: PackId
  #following: Promise<void> = Promise.resolve()

  /** @param first the pack of the settings, which serves unless the gallery has another one */
  constructor(deps: WorkerPacksDeps, first: { readonly packId: PackId; readonly pack: OpenedPack }) {
    this.#deps = deps
    this.#serving = first.packId
    const { packId, pack } = first
    this.#loaded.set(packId, { packId, opening: Promise.resolve(pack), uses: new Uses(), pack })
  }

  /** As far as this process has heard. */
  get serving(): PackId {
    return this.#serving
  }

  /** Packs whose networks are loaded, those included that only jobs which began earlier work with. */
  get loaded(): readonly PackId[] {
    const all = [...this.#loaded.values(), ...this.#leaving]
    return [...new Set(all.flatMap(({ packId, pack }) => (pack === null ? [] : [packId])))]
  }

  /**
   * Loads what the gallery has, and follows it from now on. Throws E_PACK_MISMATCH if the pack that serves is not at hand; the
   * other one may come later.
   */
  async follow(gallery: Gallery): Promise<void> {
    this.#gallery = gallery
    const { packs } = await gallery.known.refresh()
    const configured = this.#serving
    await this.#load(packs.serving).opening.catch((fault) => {
      throw packs.serving === configured ? fault : packMismatch(packs.serving, configured, fault)
    })
    if (packs.serving !== configured) this.#deps.onOther({ serving: packs.serving, configured })
    this.#serve(packs.serving)
    const { other } = packs
    if (other !== null) await this.#load(other).opening.catch((fault) => this.#deps.onFault(other, fault))
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
    const serving = this.#load(packs.serving)
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
    const all = [...this.#loaded.values(), ...this.#leaving]
    await Promise.all(all.map(async ({ opening }) => (await opening.catch(() => null))?.close()))
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
  #usable(packId: PackId, { known, settleMs }: Gallery): Loaded | null {
    const loaded = this.#loaded.get(packId)
    const isKnown = (known.knownForMs(packId) ?? 0) >= settleMs
    return loaded !== undefined && loaded.pack !== null && isKnown ? loaded : null
  }

  #load(packId: PackId): Loaded {
    const known = this.#loaded.get(packId)
    if (known !== undefined) return known
    const opening = this.#deps.open(packId)
    const loaded: Loaded = { packId, opening, uses: new Uses(), pack: null }
    this.#loaded.set(packId, loaded)
    opening.then(
      (pack) => {
        loaded.pack = pack
      },
      () => this.#loaded.delete(packId),
    )
    return loaded
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
        const missing = packsOf(read.packs).filter((packId) => !this.#loaded.has(packId))
        if (missing.length > 0 && performance.now() - triedAt >= AGAIN_MS) {
          triedAt = performance.now()
          for (const packId of missing)
            this.#load(packId).opening.catch((fault) => this.#deps.onFault(packId, fault))
        }
        if (missing.length === 0) triedAt = Number.NEGATIVE_INFINITY
        await this.#unload()
      } catch (fault) {
        this.#deps.onFault(this.#serving, fault)
      }
    }
  }

  /** Packs that the gallery has no more are closed, each once nobody works with it. */
  async #unload(): Promise<void> {
    const read = await this.#gallery?.known.read()
    if (read === undefined) return
    for (const loaded of this.#loaded.values()) {
      if (packsOf(read.packs).includes(loaded.packId)) continue
      this.#loaded.delete(loaded.packId)
      this.#leaving.add(loaded)
      void this.#closeUnused(loaded)
    }
  }

  async #closeUnused(loaded: Loaded): Promise<void> {
    try {
      const pack = await loaded.opening.catch(() => null)
      await loaded.uses.ended()
      await pack?.close()
    } catch (fault) {
      this.#deps.onFault(loaded.packId, fault)
    } finally {
      this.#leaving.delete(loaded)
    }
  }
}
