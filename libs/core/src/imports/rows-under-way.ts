import { AppError } from '../errors.ts'
import type { ImageId, ImportId } from '../ids.ts'
import { pause } from '../lead.ts'
import type { EndedRow } from '../ports/import-store.ts'
import { untilTurn } from '../waiting.ts'
import { dropPictures, stagedOf } from './erase-import.ts'
import { HeldUpNotes } from './held-up-notes.ts'
import type { Import } from './import.ts'
import type { ImportRow } from './import-row.ts'
import type { ImporterDeps, ImporterOptions } from './importer.ts'
import type { RowOutcome } from './row-outcome.ts'

/** Longer than a row takes, deadline of its job included; extended while it is under way. */
const LEASE_MS = 20_000
const EXTEND_EVERY_MS = 5_000
/** Outcomes are written together, so many or after so long. */
const ENDED_AT_ONCE = 64
const FLUSH_AFTER_MS = 50
/** Tries of one process, and claims by processes that died over the row. */
const MOST_TRIES = 3
const MOST_CLAIMS = 5
/** The wait before the next try; it doubles each time. */
const FIRST_RETRY_MS = 500
/** While what everything needs is away (workers, a store), no row is begun for so long. */
const HELD_UP_MS = 2_000

interface Held {
  readonly made: Import
  readonly row: ImportRow
}

/** The rows that this process has claimed: runs them, keeps their claims, and writes what came of them. */
export class RowsUnderWay {
  readonly #deps: ImporterDeps
  readonly #options: ImporterOptions
  readonly #holder: string
  readonly #held = new Map<string, Held>()
  readonly #running = new Set<Promise<void>>()
  readonly #ended = new Map<ImportId, { readonly row: ImportRow; readonly outcome: RowOutcome }[]>()
  readonly #waiting = new Set<() => void>()
  readonly #extending: NodeJS.Timeout
  #flushing: Promise<void> | null = null
  readonly #notes: HeldUpNotes
  #heldUpUntil = 0

  constructor(deps: ImporterDeps, options: ImporterOptions) {
    this.#deps = deps
    this.#options = options
    this.#holder = deps.gallery.newId()
    this.#notes = new HeldUpNotes({ imports: deps.imports, clock: deps.gallery.clock })
    this.#extending = setInterval(() => void this.#extend(), EXTEND_EVERY_MS)
    this.#extending.unref()
  }

  /** Rows that may be taken now. */
  get room(): number {
    return this.isHeldUp ? 0 : Math.max(0, this.#options.window - this.#held.size)
  }

  /** What every row needs is away: beginning another one is no use. */
  get isHeldUp(): boolean {
    return this.#deps.gallery.clock.monotonic() < this.#heldUpUntil
  }

  countOf(id: ImportId): number {
    return [...this.#held.values()].filter(({ made }) => made.id === id).length
  }

  /** Claims rows of an import and begins them; answers how many. */
  async take(made: Import, count: number, signal: AbortSignal): Promise<number> {
    const newImageIds = Array.from({ length: count }, () => this.#deps.gallery.newId() as ImageId)
    const claim = { id: made.id, holder: this.#holder, leaseMs: LEASE_MS, newImageIds }
    const rows = await this.#deps.imports.rows.claim(claim, { signal })
    for (const row of rows) {
      const held = { made, row }
      this.#held.set(nameOf(held), held)
      const running = this.#run(held, signal).finally(() => this.#running.delete(running))
      this.#running.add(running)
    }
    return rows.length
  }

  /** Resolves when there is room for a quarter of the window, or the signal aborts. */
  async untilRoom(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#held.size > this.#options.window * 0.75) await this.untilEnded(signal)
  }

  /** Resolves when a row has ended, or the signal aborts. */
  async untilEnded(signal: AbortSignal): Promise<void> {
    const join = (begin: () => void) => {
      this.#waiting.add(begin)
      return () => this.#waiting.delete(begin)
    }
    await untilTurn(join, signal).catch(() => {})
  }

  /** Waits for what is under way, and writes its outcomes. */
  async finish(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
    clearInterval(this.#extending)
    await this.#flush()
  }

  async #run(held: Held, signal: AbortSignal): Promise<void> {
    const outcome = await this.#outcomeOf(held, signal).catch((fault: unknown) => {
      // The store is away, of which another image id was asked: the row waits for it, as all others do.
      this.#deps.gallery.onDeferred('do a row of an import', fault)
      this.#heldUpUntil = this.#deps.gallery.clock.monotonic() + HELD_UP_MS
      return null
    })
    if (outcome === null) {
      await this.#giveBack(held)
      return
    }
    const ended = this.#ended.get(held.made.id) ?? []
    this.#ended.set(held.made.id, [...ended, { row: held.row, outcome }])
    await this.#flushSoon(ended.length + 1)
  }

  /** Null: the row was not done, and nobody can say that it is its own fault. */
  async #outcomeOf({ made, row }: Held, signal: AbortSignal): Promise<RowOutcome | null> {
    // Its record cannot be read.
    if (row.outcome !== null) return row.outcome
    if (row.tries > MOST_CLAIMS)
      return failed('it was begun several times, and each time the process ended', false)
    let current = row
    for (let tries = 1; ; tries++) {
      try {
        const work = { importId: made.id, policies: made.policies, groups: made.groups, row: current }
        const outcome = await this.#deps.runRow(work, { signal })
        if (outcome.kind !== 'failed' || !outcome.isPassing || tries >= MOST_TRIES) return outcome
        await pause(FIRST_RETRY_MS * 2 ** (tries - 1), signal)
      } catch (fault) {
        if (signal.aborted) return null
        if (isNobodysFault(fault)) {
          this.#heldUpUntil = this.#deps.gallery.clock.monotonic() + HELD_UP_MS
          await this.#deferring('note what an import waits for', () => this.#notes.note(made.id, fault))
          return null
        }
        if (tries >= MOST_TRIES) {
          if (!(fault instanceof AppError)) this.#deps.gallery.onDeferred('do a row of an import', fault)
          return failed(reasonOf(fault), true)
        }
        if (isStale(fault)) current = await this.#renewed(made, current)
        else await pause(FIRST_RETRY_MS * 2 ** (tries - 1), signal)
      }
    }
  }

  /** The row's image id is too old for anything to come of it: no run before this one can have used it. */
  async #renewed(made: Import, row: ImportRow): Promise<ImportRow> {
    const imageId = this.#deps.gallery.newId() as ImageId
    await this.#deps.imports.rows.renewImageId({ id: made.id, holder: this.#holder, key: row.key, imageId })
    return { ...row, imageId }
  }

  async #giveBack(held: Held): Promise<void> {
    const { made, row } = held
    await this.#deferring('give a row back', () =>
      this.#deps.imports.rows.release({ id: made.id, holder: this.#holder, keys: [row.key] }),
    )
    this.#leave(held)
  }

  #leave(held: Held): void {
    this.#held.delete(nameOf(held))
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const resume of waiting) resume()
  }

  async #flushSoon(ended: number): Promise<void> {
    if (this.#flushing !== null && ended < ENDED_AT_ONCE) return this.#flushing
    this.#flushing = this.#afterFlushWait(ended >= ENDED_AT_ONCE ? 0 : FLUSH_AFTER_MS)
    return this.#flushing
  }

  async #afterFlushWait(ms: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, ms))
    this.#flushing = null
    await this.#flush()
  }

  /** Durable before it is told: only then is the row's picture dropped, and the row counted. */
  async #flush(): Promise<void> {
    const batches = [...this.#ended]
    this.#ended.clear()
    for (const [id, all] of batches) {
      await this.#deferring('write what came of rows', async () => {
        const rows: readonly EndedRow[] = all.map(({ row, outcome }) => ({ key: row.key, outcome }))
        const written = new Set(await this.#deps.imports.rows.end({ id, holder: this.#holder, rows }))
        const mine = all.filter(({ row }) => written.has(row.key))
        for (const { outcome } of mine) this.#options.onRow?.(outcome.kind)
        const done = mine.filter(({ outcome }) => outcome.kind !== 'failed')
        await dropPictures(
          this.#deps,
          done.flatMap(({ row }) => stagedOf(row)),
        )
      })
      for (const { row } of all) {
        const held = this.#held.get(`${id} ${row.key}`)
        if (held !== undefined) this.#leave(held)
      }
    }
  }

  async #extend(): Promise<void> {
    for (const [id, held] of Map.groupBy(this.#held.values(), ({ made }) => made.id)) {
      const keys = held.map(({ row }) => row.key)
      await this.#deferring('keep the claim on rows', async () => {
        await this.#deps.imports.rows.extend({ id, holder: this.#holder, keys, leaseMs: LEASE_MS })
      })
    }
  }

  /** The claim runs out by itself, and the row is done again, so that a fault here loses nothing. */
  async #deferring(step: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (fault) {
      this.#deps.gallery.onDeferred(step, fault)
    }
  }
}

function nameOf({ made, row }: Held): string {
  return `${made.id} ${row.key}`
}

function failed(why: string, isPassing: boolean): RowOutcome {
  return { kind: 'failed', why, isPassing }
}

function isStale(fault: unknown): boolean {
  return fault instanceof AppError && fault.code === 'E_STALE_ID'
}

/** Something that all rows need is away or full. Another time they will go through. */
function isNobodysFault(fault: unknown): fault is AppError {
  return (
    fault instanceof AppError &&
    fault.retryable &&
    fault.code !== 'E_DEADLINE' &&
    fault.code !== 'E_ENGINE_FAILED'
  )
}

/** What may be told to callers: an unexpected fault may name paths or hosts. */
function reasonOf(fault: unknown): string {
  return fault instanceof AppError ? fault.message : 'an unexpected fault; the log of the server has it'
}
