import { type FaceEngine, type PackId, Uses } from '@semblance/core'

/** The networks of one pack in memory. */
export interface OpenedPack {
  readonly engine: FaceEngine
  /** Gives their memory back. */
  close(): Promise<void>
}

export interface PackInMemory {
  readonly packId: PackId
  readonly opening: Promise<OpenedPack>
  readonly uses: Uses
  /** Null until its networks are there. */
  pack: OpenedPack | null
}

export interface PacksInMemoryDeps {
  /** Throws E_PACK_INVALID. */
  readonly open: (packId: PackId) => Promise<OpenedPack>
  readonly onFault: (packId: PackId, fault: unknown) => void
}

/** The packs whose networks a process has, or is loading: each is opened once, and closed once nobody works with it. */
export class PacksInMemory {
  readonly #deps: PacksInMemoryDeps
  readonly #packs = new Map<PackId, PackInMemory>()
  readonly #leaving = new Set<PackInMemory>()

  constructor(deps: PacksInMemoryDeps) {
    this.#deps = deps
  }

  /** Packs whose networks are there, those included that only jobs which began earlier work with. */
  get loaded(): readonly PackId[] {
    const all = [...this.#packs.values(), ...this.#leaving]
    return [...new Set(all.flatMap(({ packId, pack }) => (pack === null ? [] : [packId])))]
  }

  /** Those of them whose networks answer to no picture now. */
  get dead(): readonly PackId[] {
    const all = [...this.#packs.values(), ...this.#leaving]
    return [...new Set(all.flatMap(({ packId, pack }) => (pack?.engine.isDead === true ? [packId] : [])))]
  }

  has(packId: PackId): boolean {
    return this.#packs.has(packId)
  }

  get(packId: PackId): PackInMemory | null {
    return this.#packs.get(packId) ?? null
  }

  /** One that cannot be opened is forgotten, so that it may be tried again. */
  load(packId: PackId): PackInMemory {
    const known = this.#packs.get(packId)
    if (known !== undefined) return known
    const opening = this.#deps.open(packId)
    const loaded: PackInMemory = { packId, opening, uses: new Uses(), pack: null }
    this.#packs.set(packId, loaded)
    opening.then(
      (pack) => {
        loaded.pack = pack
      },
      () => this.#packs.delete(packId),
    )
    return loaded
  }

  /** All but these are closed, each once nobody works with it. */
  keepOnly(packIds: readonly PackId[]): void {
    for (const loaded of this.#packs.values()) {
      if (packIds.includes(loaded.packId)) continue
      this.#packs.delete(loaded.packId)
      this.#leaving.add(loaded)
      void this.#closeUnused(loaded)
    }
  }

  async close(): Promise<void> {
    const all = [...this.#packs.values(), ...this.#leaving]
    await Promise.all(all.map(async ({ opening }) => (await opening.catch(() => null))?.close()))
  }

  async #closeUnused(loaded: PackInMemory): Promise<void> {
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
