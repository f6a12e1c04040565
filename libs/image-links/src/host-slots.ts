import { overloaded, untilTurn } from '@semblance/core'

export interface HostSlotsLimits {
  /** Tasks at once. */
  readonly all: number
  /** How many of these may be tasks of one host. */
  readonly perHost: number
  /** Tasks that may wait besides: of all hosts, and of one. */
  readonly waiting: number
  readonly waitingPerHost: number
}

interface Waiter {
  readonly host: string
  readonly begin: () => void
}

/** This is half of the time that a link may take: whoever holds the places will have given up some of them by then. */
const RETRY_AFTER_S = 5

/**
 * Runs so many tasks at once, of one host only a share of them; a few more wait in the order in which they came, and
 * the next one is refused at once. So one slow host takes neither all places nor all of the line. Ours and not
 * p-limit: that knows no shares, no bound on those who wait, and no signal.
 */
export class HostSlots {
  readonly #limits: HostSlotsLimits
  readonly #running = new Map<string, number>()
  readonly #waiting = new Set<Waiter>()
  #all = 0

  constructor(limits: HostSlotsLimits) {
    this.#limits = limits
  }

  /** Throws E_OVERLOADED for one too many, and the signal's reason if it aborts before the task began. */
  async run<T>(host: string, task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#take(host, signal)
    try {
      return await task()
    } finally {
      this.#giveBack(host)
    }
  }

  async #take(host: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#isFree(host)) return this.#begin(host)
    const ofHost = [...this.#waiting].filter((waiter) => waiter.host === host).length
    const { waiting, waitingPerHost } = this.#limits
    if (this.#waiting.size >= waiting || ofHost >= waitingPerHost) throw tooManyLinks()
    await untilTurn((begin) => {
      const waiter = { host, begin }
      this.#waiting.add(waiter)
      return () => this.#waiting.delete(waiter)
    }, signal)
  }

  #isFree(host: string): boolean {
    return this.#all < this.#limits.all && (this.#running.get(host) ?? 0) < this.#limits.perHost
  }

  #begin(host: string): void {
    this.#all += 1
    this.#running.set(host, (this.#running.get(host) ?? 0) + 1)
  }

  #giveBack(host: string): void {
    this.#all -= 1
    const left = (this.#running.get(host) ?? 1) - 1
    if (left > 0) this.#running.set(host, left)
    else this.#running.delete(host)
    // Places are counted before anybody else can come, so that a newcomer cannot slip in between.
    for (const waiter of this.#waiting) {
      if (!this.#isFree(waiter.host)) continue
      this.#waiting.delete(waiter)
      this.#begin(waiter.host)
      waiter.begin()
    }
  }
}

/** The fault of a link that was never tried: a refusal would blame its host. */
export function tooManyLinks(): Error {
  return overloaded('the fetching of links', RETRY_AFTER_S)
}
