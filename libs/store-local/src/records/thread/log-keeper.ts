export interface LogKeeperDeps {
  readonly log: {
    readonly hasErasures: boolean
    readonly logBytes: number
    /** Answers false if something is in the way. */
    checkpoint(): boolean
  }
  /** Milliseconds that only grow. */
  readonly now: () => number
  readonly onLate: (why: string) => void
}

/** The time from an erasure to the checkpoint that takes it out of the log; those of a second share one. */
const ERASE_WITHIN_MS = 1_000
const RETRY_MS = 500
/** What the documentation promises. */
const LATE_MS = 5_000
const TELL_AGAIN_MS = 60_000
/** The log's size at which SQLite's own checkpoints would come: a thousand pages of 8 KiB. */
const LONG_LOG_BYTES = 8_000_000

/**
 * Empties the write-ahead log: within a second of an erasure, and when it is long. The second counts from the erasure,
 * not from the last call: a store that is never idle has to erase, too. To be attended after every batch of calls,
 * because a loop that is never idle may not come to its timers in time.
 */
export class LogKeeper {
  readonly #deps: LogKeeperDeps
  #erasedAt: number | null = null
  #dueAt: number | null = null
  #toldAt = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined

  constructor(deps: LogKeeperDeps) {
    this.#deps = deps
  }

  attend(): void {
    const now = this.#deps.now()
    const { hasErasures, logBytes } = this.#deps.log
    if (hasErasures) this.#erasedAt ??= now
    if (hasErasures) this.#dueAt ??= now + ERASE_WITHIN_MS
    else if (logBytes > LONG_LOG_BYTES) this.#dueAt ??= now
    if (this.#dueAt !== null && this.#dueAt <= now) this.#empty(now)
    this.#wake(now)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #empty(now: number): void {
    const why = this.#attempt()
    this.#dueAt = why === null ? null : now + RETRY_MS
    if (why === null) this.#erasedAt = null
    else this.#tell(why, now)
  }

  /** Answers null if the log is empty now. A failed checkpoint loses nothing: the log stays, and is read. */
  #attempt(): string | null {
    try {
      return this.#deps.log.checkpoint() ? null : 'another program is reading the database'
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  #tell(why: string, now: number): void {
    if (this.#erasedAt === null || now - this.#erasedAt < LATE_MS || now - this.#toldAt < TELL_AGAIN_MS)
      return
    this.#toldAt = now
    this.#deps.onLate(`erased data is still in the log of the database: ${why}`)
  }

  /** One timer at a time, which no call puts off. */
  #wake(now: number): void {
    if (this.#dueAt === null || this.#timer !== undefined) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.attend()
    }, this.#dueAt - now)
    this.#timer.unref()
  }
}
