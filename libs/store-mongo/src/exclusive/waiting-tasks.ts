import type { Lease, Waiting } from '@semblance/core'

/** What a waiter gets when its turn comes. */
export interface Granted {
  readonly lease: Lease
  /** Resolves when the key has been passed on; never rejects. */
  end(): Promise<void>
}

/** The tasks of one process that wait for one key, first come first served. */
export class WaitingTasks {
  readonly #waiters = new Set<PromiseWithResolvers<Granted>>()
  #left = new AbortController()

  get length(): number {
    return this.#waiters.size
  }

  /** Aborts as soon as nobody waits any more. */
  get abandoned(): AbortSignal {
    return this.#left.signal
  }

  /** Rejects with the signal's reason if aborted before the turn comes. */
  async join(waiting: Waiting | undefined): Promise<Granted> {
    const signal = waiting?.signal
    if (this.#left.signal.aborted) this.#left = new AbortController()
    const waiter = Promise.withResolvers<Granted>()
    const leave = () => {
      if (!this.#waiters.delete(waiter)) return
      waiter.reject(signal?.reason)
      if (this.#waiters.size === 0) this.#left.abort(new Error('nobody waits for the key any more'))
    }
    this.#waiters.add(waiter)
    signal?.addEventListener('abort', leave, { once: true })
    try {
      return await waiter.promise
    } finally {
      signal?.removeEventListener('abort', leave)
    }
  }

  /** Answers false if nobody waits. */
  grant(granted: Granted): boolean {
    const [first] = this.#waiters
    if (first === undefined) return false
    this.#waiters.delete(first)
    first.resolve(granted)
    return true
  }

  refuseAll(fault: unknown): void {
    for (const waiter of this.#waiters) waiter.reject(fault)
    this.#waiters.clear()
  }
}
