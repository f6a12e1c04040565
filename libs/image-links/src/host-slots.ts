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

/** Whose task it is, and for how long it may wait. */
export interface SlotWish {
  readonly host: string
  readonly signal: AbortSignal
  /**
   * Waits without a bound of ours, since whoever asks has one, and gives way: others go first, and some places stay free
   * for them.
   */
  readonly isPatient?: boolean
}

interface Waiter {
  readonly host: string
  readonly isPatient: boolean
  readonly begin: () => void
}

/** Patient tasks leave a quarter of the places, of all hosts and of each, to others. */
const PATIENT_SHARE = 0.75

/** This is half of the time that a link may take: whoever holds the places will have given up some of them by then. */
const RETRY_AFTER_S = 5

/**
 * Runs so many tasks at once, of one host only a share of them; a few more wait in the order in which they came, and
 * the next one is refused at once. So one slow host takes neither all places nor all of the line. Ours and not
 * p-limit: that knows no shares, no bound on those who wait, and no signal.
 */
export class HostSlots {
  readonly #limits: HostSlotsLimits
  /** Whether a patient task may begin, besides the places. */
  readonly #hasRoom: () => boolean
  readonly #running = new Map<string, number>()
  readonly #waiting = new Set<Waiter>()
  readonly #patient = new Set<Waiter>()
  #all = 0

  constructor(limits: HostSlotsLimits, hasRoom: () => boolean = () => true) {
    this.#limits = limits
    this.#hasRoom = hasRoom
  }

  /** Throws E_OVERLOADED for one too many, and the signal's reason if it aborts before the task began. */
  async run<T>(wish: SlotWish, task: () => Promise<T>): Promise<T> {
    const { host } = wish
    await this.#take(wish)
    try {
      return await task()
    } finally {
      this.#giveBack(host)
    }
  }

  /** Begins what waits and may begin now. To be called when there is room again. */
  letIn(): void {
    for (const line of [this.#waiting, this.#patient]) {
      for (const waiter of line) {
        if (!this.#isFree(waiter)) continue
        line.delete(waiter)
        this.#begin(waiter.host)
        waiter.begin()
      }
    }
  }

  async #take({ host, signal, isPatient = false }: SlotWish): Promise<void> {
    signal.throwIfAborted()
    if (this.#isFree({ host, isPatient })) return this.#begin(host)
    if (!isPatient) this.#requireLine(host)
    const line = isPatient ? this.#patient : this.#waiting
    await untilTurn((begin) => {
      const waiter = { host, isPatient, begin }
      line.add(waiter)
      return () => line.delete(waiter)
    }, signal)
  }

  #requireLine(host: string): void {
    const ofHost = [...this.#waiting].filter((waiter) => waiter.host === host).length
    const { waiting, waitingPerHost } = this.#limits
    if (this.#waiting.size >= waiting || ofHost >= waitingPerHost) throw tooManyLinks()
  }

  #isFree({ host, isPatient }: Pick<Waiter, 'host' | 'isPatient'>): boolean {
    const places = (count: number) => (isPatient ? Math.max(1, Math.floor(count * PATIENT_SHARE)) : count)
    const { all, perHost } = this.#limits
    const isPlaceFree = this.#all < places(all) && (this.#running.get(host) ?? 0) < places(perHost)
    return isPlaceFree && (!isPatient || this.#hasRoom())
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
    this.letIn()
  }
}

/** The fault of a link that was never tried: a refusal would blame its host. */
export function tooManyLinks(): Error {
  return overloaded('the fetching of links', RETRY_AFTER_S)
}
