import {
  AppError,
  type ImageLinks,
  type LinkOutcome,
  type LinkRefusal,
  type LinkWaiting,
  orAborted,
  shuttingDown,
} from '@semblance/core'
import { type ByteAccount, ByteBudget } from './byte-budget.ts'
import { refusalOfFault } from './fault-refusal.ts'
import { HostSlots, type HostSlotsLimits, tooManyLinks } from './host-slots.ts'
import { MAX_LINK_CHARS } from './link-rules.ts'
import { type Fetching, type LinkSource, refused } from './link-source.ts'

export interface LinksBySchemeDeps {
  /** The source of every link that begins with none of the schemes below. */
  readonly web: LinkSource
  /** Sources by scheme, in lower case and without the colon. */
  readonly others: Readonly<Record<string, LinkSource>>
  /** Time from the call to the last byte; waiting for a free place counts, unless the call is patient. */
  readonly timeoutMs: number
  readonly slots: HostSlotsLimits
  /** Bytes of all links that are being fetched, and of those not released yet. */
  readonly maxBytesInAll: number
  readonly observe: (outcome: 'fetched' | LinkRefusal) => void
}

/** While so much of the room for bytes is taken, no patient call begins. */
const PATIENT_SHARE = 0.25

/** Sends each link to the source for its scheme, so many at a time of all and of each host, each under one deadline. */
export class LinksByScheme implements ImageLinks {
  readonly #deps: LinksBySchemeDeps
  readonly #slots: HostSlots
  readonly #budget: ByteBudget
  readonly #closing = new AbortController()
  readonly #inFlight = new Set<Promise<LinkOutcome>>()

  constructor(deps: LinksBySchemeDeps) {
    this.#deps = deps
    this.#budget = new ByteBudget(deps.maxBytesInAll)
    const roomForOthers = deps.maxBytesInAll * (1 - PATIENT_SHARE)
    this.#slots = new HostSlots(deps.slots, () => this.#budget.left > roomForOthers)
  }

  async fetch(link: string, waiting: LinkWaiting = {}): Promise<LinkOutcome> {
    waiting.signal?.throwIfAborted()
    if (this.#closing.signal.aborted) throw shuttingDown()
    const running = this.#fetchInTime(link, waiting)
    this.#inFlight.add(running)
    try {
      const outcome = await running
      this.#deps.observe(outcome.outcome === 'fetched' ? 'fetched' : outcome.reason)
      return outcome
    } finally {
      this.#inFlight.delete(running)
    }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.allSettled(this.#inFlight)
    await Promise.all([this.#deps.web, ...Object.values(this.#deps.others)].map((source) => source.close()))
  }

  async #fetchInTime(link: string, waiting: LinkWaiting): Promise<LinkOutcome> {
    const { signal: caller, isPatient = false } = waiting
    const deadline = this.#deadline(waiting)
    const signals = [deadline.signal, this.#closing.signal, ...(caller === undefined ? [] : [caller])]
    const signal = AbortSignal.any(signals)
    const room = this.#budget.open()
    const calledAt = performance.now()
    let waitedMs: number | undefined
    if (!isPatient) deadline.begin()
    try {
      if (link.length > MAX_LINK_CHARS) return refused('invalid-link')
      const begin = () => {
        // The time of a patient call begins here.
        waitedMs = isPatient ? 0 : performance.now() - calledAt
        deadline.begin()
        return this.#fetchFrom(this.#sourceOf(link), link, { signal, room })
      }
      const outcome = await this.#slots.run({ host: hostOf(link), signal, isPatient }, begin)
      return this.#withRoom(outcome, room)
    } catch (fault) {
      this.#release(room)
      // What else went wrong is the target's affair: its error text may hold addresses and answers.
      if (fault instanceof AppError && fault.code === 'E_OVERLOADED') throw fault
      caller?.throwIfAborted()
      if (this.#closing.signal.aborted) throw shuttingDown()
      if (waitedMs === undefined) throw tooManyLinks()
      if (!deadline.signal.aborted) return refused(refusalOfFault(fault))
      // A host that got less than half of the time is not to blame.
      if (waitedMs > deadline.limitMs / 2) throw tooManyLinks()
      return refused('timeout')
    } finally {
      deadline.clear()
    }
  }

  /** The time of a link, from the first `begin` on. */
  #deadline({ timeoutMs = Number.POSITIVE_INFINITY }: LinkWaiting) {
    const over = new AbortController()
    let timer: NodeJS.Timeout | undefined
    const limitMs = Math.min(this.#deps.timeoutMs, timeoutMs)
    return {
      limitMs,
      signal: over.signal,
      begin: () => {
        timer ??= setTimeout(() => over.abort(), limitMs)
      },
      clear: () => clearTimeout(timer),
    }
  }

  /** What nobody gets keeps no room. */
  #withRoom(outcome: LinkOutcome, room: ByteAccount): LinkOutcome {
    if (outcome.outcome === 'fetched') return { ...outcome, release: () => this.#release(room) }
    this.#release(room)
    return outcome
  }

  /** Patient calls may wait for the room. */
  #release(room: ByteAccount): void {
    room.release()
    this.#slots.letIn()
  }

  /** File systems and the SDKs' search for credentials may hang whatever their signal says; the web's source does not. */
  #fetchFrom(source: LinkSource, link: string, fetching: Fetching): Promise<LinkOutcome> {
    const fetched = source.fetch(link, fetching)
    return source === this.#deps.web ? fetched : orAborted(fetched, fetching.signal)
  }

  /**
   * The plain text decides: what only a lenient parser would take for another scheme is left to the web's own rules.
   */
  #sourceOf(link: string): LinkSource {
    const [, scheme = ''] = /^([a-z\d]+):\/\//i.exec(link) ?? []
    const { web, others } = this.#deps
    return Object.hasOwn(others, scheme.toLowerCase()) ? (others[scheme.toLowerCase()] ?? web) : web
  }
}

/** Whom a link makes wait: a host, whatever the port, a bucket, or the file system. */
function hostOf(link: string): string {
  const url = URL.parse(link)
  return url === null ? '' : url.hostname.toLowerCase()
}
