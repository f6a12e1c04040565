import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, type GalleryPacks, type PackId, storeUnavailable, type Waiting } from '@semblance/core'

/** What is written down of a gallery's packs, as this process last read it. */
export interface PacksRead {
  readonly packs: GalleryPacks
  /** The time just before it was read, on the monotonic clock. */
  readonly readAt: number
}

export interface KnownPacksDeps {
  /** Throws E_STORE_UNAVAILABLE. */
  readonly read: (waiting?: Waiting) => Promise<GalleryPacks | null>
  readonly clock: Pick<Clock, 'monotonic'>
}

/** No writer goes by an older list; as with the generations of an index. */
export const PACKS_MAX_AGE_MS = 2_000

/** Keeps the packs of a gallery, so that not every write looks into the store. */
export class KnownPacks {
  readonly #deps: KnownPacksDeps
  readonly #since = new Map<PackId, number>()
  #known: PacksRead | null = null

  constructor(deps: KnownPacksDeps) {
    this.#deps = deps
  }

  async read(waiting?: Waiting): Promise<PacksRead> {
    return this.#known !== null && this.isCurrent(this.#known) ? this.#known : this.refresh(waiting)
  }

  /** Whatever was read last, however old, where the store does not answer: good enough to read by, never to write by. */
  async readOrRemember(waiting?: Waiting): Promise<PacksRead> {
    try {
      return await this.read(waiting)
    } catch {
      waiting?.signal?.throwIfAborted()
      return this.remember()
    }
  }

  /** What was read last. Throws E_STORE_UNAVAILABLE before that. */
  remember(): PacksRead {
    if (this.#known === null) throw storeUnavailable(new Error('the packs of the gallery were never read'))
    return this.#known
  }

  async refresh(waiting?: Waiting): Promise<PacksRead> {
    const readAt = this.#deps.clock.monotonic()
    const packs = await this.#deps.read(waiting)
    if (packs === null) throw new Error('the gallery has no pack yet')
    // Answers of two reads may come in the wrong order.
    if (this.#known === null || packs.rev >= this.#known.packs.rev) this.#learn({ packs, readAt })
    return { packs, readAt }
  }

  /** Says whether no change can be older than a writer is allowed not to know. */
  isCurrent({ readAt }: PacksRead): boolean {
    return this.#deps.clock.monotonic() - readAt < PACKS_MAX_AGE_MS
  }

  /** How long this process has known, without a break, that the gallery has this pack; null: it does not. */
  knownForMs(packId: PackId): number | null {
    const since = this.#since.get(packId)
    return since === undefined ? null : this.#deps.clock.monotonic() - since
  }

  /** Resolves once the pack has been known here for so long. False if the gallery does not have it. */
  async untilKnownFor(packId: PackId, ms: number, waiting?: Waiting): Promise<boolean> {
    for (;;) {
      await this.refresh(waiting)
      const known = this.knownForMs(packId)
      if (known === null || known >= ms) return known !== null
      await sleep(ms - known, undefined, { signal: waiting?.signal, ref: false }).catch(() => undefined)
      waiting?.signal?.throwIfAborted()
    }
  }

  #learn(read: PacksRead): void {
    this.#known = read
    const packs = packsOf(read.packs)
    for (const packId of this.#since.keys()) if (!packs.includes(packId)) this.#since.delete(packId)
    const now = this.#deps.clock.monotonic()
    for (const packId of packs) if (!this.#since.has(packId)) this.#since.set(packId, now)
  }
}

/** The one that serves comes first. */
export function packsOf({ serving, other }: GalleryPacks): readonly PackId[] {
  return other === null ? [serving] : [serving, other]
}
