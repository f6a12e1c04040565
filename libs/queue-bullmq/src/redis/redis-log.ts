import { AppError } from '@semblance/core'
import { translateRedisFault } from './redis-faults.ts'

export interface RedisLogDeps {
  readonly logger: {
    warn(fields: object, message: string): void
    info(fields: object, message: string): void
  }
  /** Resolves if Redis answers now, and ends soon. */
  readonly check: () => Promise<unknown>
  /** This is told of what is waited for, and why, for people who do not read the log. */
  readonly onWaiting?: (what: string, reason: string) => void
  readonly now?: () => number
}

/** What Redis is for, for whoever reads that it is away. */
const WHAT = 'Redis (the jobs between gateways and workers)'
/** The time between two lines about the same outage. Each connection tells of it, and some do so every second. */
const SAY_EVERY_MS = 30_000
const LOOK_EVERY_MS = 1_000
/** A Redis that answers a ping may refuse all else, as a replica does. It is back once nobody has complained for so long. */
const QUIET_MS = 2_500

/** Tells the log when Redis is away, why, and when it is back: in a line each, however many connections find it out. */
export class RedisLog {
  readonly #deps: RedisLogDeps
  readonly #now: () => number
  #saidAt = Number.NEGATIVE_INFINITY
  #faultAt = 0
  #awaySince: number | null = null
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(deps: RedisLogDeps) {
    this.#deps = deps
    this.#now = deps.now ?? (() => performance.now())
  }

  /** Takes what a connection or a loop met. What is no outage is told as it is, with its stack. */
  readonly onFault = (fault: unknown): void => {
    const told = translateRedisFault(fault)
    if (!(told instanceof AppError) || told.code !== 'E_QUEUE_UNAVAILABLE') {
      this.#deps.logger.warn({ err: fault }, 'Redis')
      return
    }
    if (this.#closed) return
    this.#faultAt = this.#now()
    this.#awaySince ??= this.#faultAt
    this.#say(reasonOf(told))
    this.#lookLater()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #say(reason: string): void {
    if (this.#now() - this.#saidAt < SAY_EVERY_MS) return
    this.#saidAt = this.#now()
    this.#deps.logger.warn({ reason }, `waiting for ${WHAT}`)
    this.#deps.onWaiting?.(WHAT, reason)
  }

  #lookLater(): void {
    if (this.#timer !== undefined || this.#closed) return
    this.#timer = setTimeout(() => void this.#look(), LOOK_EVERY_MS)
    this.#timer.unref()
  }

  /** Goes on until Redis is back: a connection tells of an outage once, and an hour later nobody would speak of it. */
  async #look(): Promise<void> {
    const reason = await this.#deps.check().then(
      () => null,
      (fault: unknown) => reasonOf(fault),
    )
    this.#timer = undefined
    if (this.#closed || this.#awaySince === null) return
    if (reason !== null) this.#say(reason)
    else if (this.#now() - this.#faultAt >= QUIET_MS) return this.#end(this.#awaySince)
    this.#lookLater()
  }

  /** The next outage is told at once. */
  #end(since: number): void {
    this.#awaySince = null
    this.#saidAt = Number.NEGATIVE_INFINITY
    const seconds = Math.round((this.#now() - since) / 1000)
    this.#deps.logger.info({ seconds }, `${WHAT} is there`)
  }
}

/** One line: that a server is away is no fault that needs a stack. */
function reasonOf(fault: unknown): string {
  const cause = fault instanceof AppError ? (fault.cause ?? fault) : fault
  if (!(cause instanceof Error)) return String(cause)
  // A host with two addresses fails with an error for each, and without words of its own.
  if (cause.message === '' && cause instanceof AggregateError) return reasonOf(cause.errors[0])
  return cause.message
}
