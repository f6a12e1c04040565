import { packInvalid } from '../errors.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImageId, PackId } from '../ids.ts'
import { writeVectors } from '../images/write-vectors.ts'
import type { DescriptorIndex } from '../ports/descriptor-index.ts'
import type { FaceEngine } from '../ports/face-engine.ts'
import type { FaceEngines, PackDesk, PackHolder } from '../ports/pack-desk.ts'
import type { Waiting } from '../ports/waiting.ts'
import { Slots } from '../slots.ts'
import { orAborted } from '../waiting.ts'
import { type GalleryPacks, hasMoved } from './gallery-packs.ts'
import type { IndexesOfPacks } from './index-by-pack.ts'
import { Uses } from './uses.ts'

/** One pack in the memory of a process. */
export interface LoadedPack {
  readonly engine: FaceEngine
  readonly index: DescriptorIndex
  /** Gives back the memory of both. */
  close(): Promise<void>
}

export interface LoadedPacksDeps {
  readonly records: GalleryPorts['records']
  readonly identify: PackDesk['identify']
  /** Networks, and an empty index. Throws E_PACK_INVALID for a pack that cannot be had. */
  readonly open: (packId: PackId) => Promise<LoadedPack>
  /** See `PackDesk`. */
  readonly aloneSince?: number | undefined
  /** This is told when another pack came to serve. */
  readonly onServing?: (packId: PackId) => void
  readonly onDeferred: GalleryPorts['onDeferred']
}

/** Rows of an index that is filled while others write. */
const BATCH = 100
/** Images that lose descriptors of a dropped pack in one call: a few milliseconds of the store's thread. */
const DROPPED_AT_ONCE = 200

/**
 * The packs of a gallery that one process has to itself: networks and indexes in memory, and what is written down of them.
 * What is written down comes first, so that the next start finds the gallery as it was.
 */
export class LoadedPacks implements PackDesk, PackHolder, FaceEngines {
  readonly #deps: LoadedPacksDeps
  readonly #loaded = new Map<PackId, LoadedPack>()
  /** Dropped, and worked with by jobs that began before. */
  readonly #leaving = new Map<PackId, LoadedPack>()
  readonly #uses = new WeakMap<LoadedPack, Uses>()
  /** Begin, switch and drop take turns. */
  readonly #turns = new Slots(1)
  readonly #stopping = new AbortController()
  #serving: PackId
  #tidying: Promise<void> = Promise.resolve()
  /** Resolves once what was dropped is closed. */
  #left: Promise<void> = Promise.resolve()

  /** @param loaded the one that serves first; every other one has an index that is filled */
  constructor(deps: LoadedPacksDeps, loaded: readonly [LoadedPack, ...LoadedPack[]]) {
    this.#deps = deps
    this.#serving = loaded[0].engine.packId
    for (const pack of loaded) this.#loaded.set(pack.engine.packId, pack)
  }

  get serving(): FaceEngine {
    return this.#servingPack.engine
  }

  get others(): readonly FaceEngine[] {
    return [...this.#loaded.values()].map(({ engine }) => engine).filter((engine) => engine !== this.serving)
  }

  of(packId: PackId): FaceEngine | null {
    return this.#loaded.get(packId)?.engine ?? null
  }

  async use<T>(work: (engines: FaceEngines) => Promise<T>): Promise<T> {
    const serving = this.#servingPack
    const packs = new Map(this.#loaded)
    const uses = [...packs.values()].map((pack) => this.#usesOf(pack))
    for (const one of uses) one.begin()
    const others = [...packs.values()].filter((pack) => pack !== serving).map(({ engine }) => engine)
    try {
      return await work({
        serving: serving.engine,
        others,
        of: (packId) => packs.get(packId)?.engine ?? null,
      })
    } finally {
      for (const one of uses) one.end()
    }
  }

  /** For an `IndexByPack`. */
  get indexes(): IndexesOfPacks {
    const packs = () => [...this.#loaded.values(), ...this.#leaving.values()]
    const serving = () => this.#servingPack.index
    return {
      get serving() {
        return serving()
      },
      get all() {
        return packs().map(({ index }) => index)
      },
      of: (packId) => (this.#loaded.get(packId) ?? this.#leaving.get(packId))?.index ?? null,
    }
  }

  readPacks(waiting?: Waiting): Promise<GalleryPacks | null> {
    return this.#deps.records.settings.readPacks(waiting)
  }

  identify(name: string): Promise<PackId> {
    return this.#deps.identify(name)
  }

  async operatingPoint(packId: PackId): Promise<number> {
    const engine = this.of(packId)
    if (engine === null) throw packInvalid(packId, 'it is not loaded')
    return engine.calibration.richRich
  }

  /** All that describe pictures are in this process. */
  async countUnready(packId: PackId): Promise<number> {
    return this.#isReady(packId) ? 0 : 1
  }

  /** A vector that a crash loses comes back from the store with the next start. */
  async copyOf(): Promise<null> {
    return null
  }

  begin(packId: PackId, waiting?: Waiting): Promise<'begun' | 'busy'> {
    return this.#inTurn(async () => {
      const packs = await this.#require(waiting)
      if (packs.serving === packId) return 'begun'
      if (packs.other !== null && packs.other !== packId) return 'busy'
      if (!this.#loaded.has(packId)) await this.#load(packId, waiting)
      if (packs.other === packId) return 'begun'
      const isBegun = await this.#deps.records.settings.changePacks({
        serving: packs.serving,
        other: packId,
        rev: packs.rev + 1,
      })
      return isBegun ? 'begun' : 'busy'
    }, waiting)
  }

  switchTo(packId: PackId, waiting?: Waiting): Promise<boolean> {
    return this.#inTurn(async () => {
      const { serving, other, rev } = await this.#require(waiting)
      if (!this.#loaded.has(packId)) return false
      if (serving !== packId) {
        if (other !== packId || !this.#isReady(packId)) return false
        const isSwitched = await this.#deps.records.settings.changePacks({
          serving: packId,
          other: serving,
          rev: rev + 1,
        })
        if (!isSwitched) return false
      }
      // From here on no search begins with the former one; those under way end with it.
      this.#serving = packId
      this.#deps.onServing?.(packId)
      return true
    }, waiting)
  }

  drop(waiting?: Waiting): Promise<boolean> {
    return this.#inTurn(async () => {
      const { serving, other, rev } = await this.#require(waiting)
      if (other === null) return false
      if (!(await this.#deps.records.settings.changePacks({ serving, other: null, rev: rev + 1 })))
        return false
      this.#leave(other)
      this.tidy()
      return true
    }, waiting)
  }

  /** Begun by the drop itself, and by the start. */
  async tidyAway(): Promise<void> {}

  tidyOnceMore(): void {
    this.tidy()
  }

  get aloneSince(): number | undefined {
    return this.#deps.aloneSince
  }

  /** Descriptors of a dropped pack go, a few at a time: also those that a process which died has left. */
  tidy(): void {
    const { signal } = this.#stopping
    const work = async () => {
      const packs = await this.#require({ signal })
      if (packs.other !== null || !hasMoved(packs)) return
      const query = { packId: packs.serving, limit: DROPPED_AT_ONCE }
      while ((await this.#deps.records.descriptors.keepOnly(query, { signal })) > 0)
        await new Promise(setImmediate)
    }
    // A job that began before the drop may note something of that pack until it ends.
    const after = this.#tidying
      .then(() => orAborted(this.#left, signal))
      .then(() => this.#inTurn(work, { signal }))
    this.#tidying = after.catch((fault) => {
      if (!signal.aborted) this.#deps.onDeferred('drop descriptors', fault)
    })
  }

  /** Resolves once nothing of a dropped pack is left to be taken away. */
  tidied(): Promise<void> {
    return this.#tidying
  }

  async close(): Promise<void> {
    this.#stopping.abort(new Error('the packs are being closed'))
    await this.#tidying
    const packs = [...this.#loaded.values(), ...this.#leaving.values()]
    await Promise.all(packs.map((pack) => pack.close()))
  }

  get #servingPack(): LoadedPack {
    const pack = this.#loaded.get(this.#serving)
    if (pack === undefined) throw new Error('the pack that serves is not loaded')
    return pack
  }

  #isReady(packId: PackId): boolean {
    const engine = this.of(packId)
    return engine !== null && !engine.isDead
  }

  #usesOf(pack: LoadedPack): Uses {
    const uses = this.#uses.get(pack) ?? new Uses()
    this.#uses.set(pack, uses)
    return uses
  }

  /** No job begins with it any more. Those that have it search in its index to their end, and it is closed then. */
  #leave(packId: PackId): void {
    const pack = this.#loaded.get(packId)
    if (pack === undefined) return
    this.#loaded.delete(packId)
    this.#leaving.set(packId, pack)
    const close = async () => {
      await this.#usesOf(pack).ended()
      if (this.#leaving.get(packId) === pack) this.#leaving.delete(packId)
      await pack.close()
    }
    const closed = close().catch((fault) => this.#deps.onDeferred('close a pack', fault))
    this.#left = Promise.all([this.#left, closed]).then(() => {})
  }

  async #require(waiting?: Waiting): Promise<GalleryPacks> {
    const packs = await this.readPacks(waiting)
    if (packs === null) throw new Error('the gallery has no pack yet')
    return packs
  }

  async #load(packId: PackId, waiting?: Waiting): Promise<void> {
    const pack = await this.#deps.open(packId)
    // Whoever deletes from now on takes the vector out of this index, too.
    this.#loaded.set(packId, pack)
    try {
      await this.#fill(pack, waiting)
    } catch (fault) {
      this.#loaded.delete(packId)
      await pack.close()
      throw fault
    }
  }

  /** What an earlier run has described. */
  async #fill({ engine, index }: LoadedPack, waiting?: Waiting): Promise<void> {
    const { records } = this.#deps
    for (let after: ImageId | null = null; ; ) {
      const query = { packId: engine.packId, after, limit: BATCH }
      const rows: Awaited<ReturnType<typeof records.descriptors.scan>> = await records.descriptors.scan(
        query,
        waiting,
      )
      await writeVectors({ records, copy: index }, rows, waiting)
      if (rows.length < BATCH) return
      after = rows.at(-1)?.image.id ?? null
    }
  }

  #inTurn<T>(work: () => Promise<T>, waiting: Waiting = {}): Promise<T> {
    return this.#turns.run(work, waiting)
  }
}
