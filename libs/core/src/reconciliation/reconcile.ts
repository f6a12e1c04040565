import type { GalleryPorts } from '../gallery-ports.ts'
import { inLanes } from '../in-lanes.ts'
import type { OverdueCount } from '../ports/overdue-records.ts'
import type { Waiting } from '../ports/waiting.ts'
import { CHORES, OVERDUE_KINDS, type OverdueKind } from './chores.ts'
import { RecordBackoff } from './record-backoff.ts'

export interface ReconcileOptions {
  /**
   * False right after a start in a folder that nobody else can use: whatever is half done was left by a crash, and is
   * finished at once. True otherwise: only what nobody touched for a while.
   */
  readonly waitsForOthers: boolean
  /** What failed in earlier passes is left alone until it is due again; without it, everything is tried. */
  readonly backoff?: RecordBackoff | undefined
  readonly signal?: AbortSignal | undefined
}

/** What one pass did. */
export interface Reconciled {
  /** Records tried, by kind. */
  readonly found: Readonly<Record<OverdueKind, number>>
  /** How many of those met a fault; each was reported. */
  readonly failed: number
  /** The pass ran out of its time or amount before its work: the next one should not wait. */
  readonly hasMore: boolean
}

/** Ids asked for at a time. */
const BATCH = 200
/** Mended between two looks at the stores, and at the time. */
const CHUNK = 40
/** Records mended side by side: each waits for the stores most of its time. */
const LANES = 8
/** One kind's share of a pass, so that no kind waits long for another: 12 kinds, and expired persons go within 60 s. */
const MOST_OF_A_KIND = 2_000
const LONGEST_OF_A_KIND_MS = 5_000

/**
 * One pass over everything half done. Each record stands alone: a fault with one is reported and the pass goes on.
 * Run by one process at a time; two do no harm. Ends at its next step, with the signal's reason, when aborted.
 */
export async function reconcile(gallery: GalleryPorts, options: ReconcileOptions): Promise<Reconciled> {
  const backoff = options.backoff ?? new RecordBackoff(gallery.clock)
  const found: Partial<Record<OverdueKind, number>> = {}
  let failed = 0
  let hasMore = false
  for (const kind of OVERDUE_KINDS) {
    const mended = await mendKind(gallery, kind, { ...options, backoff })
    found[kind] = mended.tried
    failed += mended.failed
    hasMore ||= mended.hasMore
  }
  return { found: found as Record<OverdueKind, number>, failed, hasMore }
}

/** What waits for the reconciler longer than it should, by kind; quick enough for each scrape of the metrics. */
export async function countBacklog(
  gallery: Pick<GalleryPorts, 'records'>,
  waiting?: Waiting,
): Promise<Readonly<Record<OverdueKind, OverdueCount>>> {
  const counts = OVERDUE_KINDS.map(async (kind) => {
    const { untouchedMs } = CHORES[kind]
    return [kind, await gallery.records.overdue.count({ kind, untouchedMs }, waiting)] as const
  })
  return Object.fromEntries(await Promise.all(counts)) as Record<OverdueKind, OverdueCount>
}

interface KindOptions extends ReconcileOptions {
  readonly backoff: RecordBackoff
}

interface MendedKind {
  readonly tried: number
  readonly failed: number
  readonly hasMore: boolean
}

/** Batch after batch. What stays in the list though it was tried, or is not due, stands at its front: it is skipped. */
async function mendKind(gallery: GalleryPorts, kind: OverdueKind, options: KindOptions): Promise<MendedKind> {
  const { backoff, signal, waitsForOthers } = options
  const { isCrashDebris, untouchedMs: waitMs } = CHORES[kind]
  const untouchedMs = isCrashDebris && !waitsForOthers ? 0 : waitMs
  const passedOver = new Set<string>()
  const round = new Round(gallery, kind, options)
  for (let skip = 0; ; ) {
    signal?.throwIfAborted()
    const ids = await gallery.records.overdue.list({ kind, untouchedMs, skip, limit: BATCH }, { signal })
    const fresh = ids.filter((id) => !passedOver.has(id) && backoff.isDue(`${kind} ${id}`))
    skip += fresh[0] === undefined ? ids.length : ids.indexOf(fresh[0])
    for (const id of ids) passedOver.add(id)
    const goesOn = await round.mend(fresh)
    if (!goesOn || ids.length < BATCH) return round.mended
  }
}

/** One kind's share of a pass. */
class Round {
  readonly #gallery: GalleryPorts
  readonly #kind: OverdueKind
  readonly #options: KindOptions
  readonly #endsAtMs: number
  #tried = 0
  #failed = 0
  #hasMore = false

  constructor(gallery: GalleryPorts, kind: OverdueKind, options: KindOptions) {
    this.#gallery = gallery
    this.#kind = kind
    this.#options = options
    this.#endsAtMs = gallery.clock.monotonic() + LONGEST_OF_A_KIND_MS
  }

  get mended(): MendedKind {
    return { tried: this.#tried, failed: this.#failed, hasMore: this.#hasMore }
  }

  /** False if the share is used up, or a store is away and trying more would only fail. */
  async mend(ids: readonly string[]): Promise<boolean> {
    for (let i = 0; i < ids.length; i += CHUNK) {
      if (this.#isSpent()) {
        this.#hasMore = true
        return false
      }
      const failures: string[] = []
      await inLanes(ids.slice(i, i + CHUNK), { width: LANES }, async (id) => {
        if (this.#isSpent()) this.#hasMore = true
        else if (!(await this.#mendOne(id))) failures.push(id)
      })
      if (failures.length === 0) continue
      if (!(await areStoresUp(this.#gallery, this.#options.signal))) {
        this.#hasMore = false
        return false
      }
      for (const id of failures) this.#options.backoff.noteFailure(`${this.#kind} ${id}`)
    }
    return true
  }

  #isSpent(): boolean {
    return this.#tried >= MOST_OF_A_KIND || this.#gallery.clock.monotonic() >= this.#endsAtMs
  }

  /** False if it met a fault. */
  async #mendOne(id: string): Promise<boolean> {
    const { backoff, signal } = this.#options
    signal?.throwIfAborted()
    this.#tried++
    try {
      const isWhole = await CHORES[this.#kind].mend(this.#gallery, id, signal)
      this.#hasMore ||= !isWhole
      backoff.noteMended(`${this.#kind} ${id}`)
      return true
    } catch (fault) {
      signal?.throwIfAborted()
      this.#failed++
      this.#gallery.onDeferred(`reconcile ${this.#kind}`, fault)
      return false
    }
  }
}

/** Tells a record that cannot be mended from a store that cannot be reached. */
async function areStoresUp(gallery: GalleryPorts, signal: AbortSignal | undefined): Promise<boolean> {
  const { records, index, pictures } = gallery
  const checks = await Promise.allSettled([records, index, pictures].map((store) => store.check({ signal })))
  signal?.throwIfAborted()
  return checks.every(({ status }) => status === 'fulfilled')
}
