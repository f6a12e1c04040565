import { type Clock, type Lease, storeUnavailable, type Waiting } from '@semblance/core'
import type { LeaseRecords } from './lease-records.ts'

export interface HeldLeaseDeps {
  readonly records: Pick<LeaseRecords, 'beat' | 'commit'>
  readonly clock: Pick<Clock, 'monotonic'>
  readonly sleep: (ms: number, waiting: Waiting) => Promise<void>
  readonly leaseMs: number
}

/** One turn at one key, as the record names it. */
export interface Turn {
  readonly key: string
  readonly holder: string
  /** What an earlier turn committed and did not finish. */
  readonly committed: string | null
  /**
   * The time at which the write that took the key was sent, by the monotonic clock: no later than the first sign of
   * life.
   */
  readonly takenAt: number
}

/** A missed heartbeat leaves time for three more. */
export const BEATS_PER_LEASE = 5

export class HeldLease implements Lease {
  readonly #deps: HeldLeaseDeps
  readonly #turn: Turn
  readonly #lost = new AbortController()
  readonly #ended = new AbortController()
  #committed: string | null

  constructor(deps: HeldLeaseDeps, turn: Turn) {
    this.#deps = deps
    this.#turn = turn
    this.#committed = turn.committed
  }

  get committed(): string | null {
    return this.#committed
  }

  get lost(): AbortSignal {
    return this.#lost.signal
  }

  /** Throws E_STORE_UNAVAILABLE if it is not known whether the intent stands; then the next holder knows. */
  async commit(intent: string): Promise<boolean> {
    return this.#write(intent)
  }

  async settle(): Promise<void> {
    await this.#write(null)
  }

  /** Gives signs of life until the lease is lost or ended; never rejects. */
  async keepAlive(): Promise<void> {
    const { records, clock, sleep, leaseMs } = this.#deps
    const { key, holder } = this.#turn
    const pauseMs = leaseMs / BEATS_PER_LEASE
    let aliveAt = this.#turn.takenAt
    while (!this.#isOver()) {
      await sleep(pauseMs, this.#ended).catch(() => undefined)
      if (this.#isOver()) return
      const sentAt = clock.monotonic()
      const isMine = await records.beat(key, holder).catch(() => null)
      if (isMine === true) aliveAt = sentAt
      // The next beat, at its slowest, would come when others may have taken the key already.
      const isDoubtful = clock.monotonic() - aliveAt + 2 * pauseMs > leaseMs
      if (isMine === false || (isMine === null && isDoubtful)) this.#lose()
    }
  }

  /** The task is over: nothing may be committed in its name any more. */
  end(): void {
    this.#ended.abort(new Error('the task has ended'))
  }

  async #write(intent: string | null): Promise<boolean> {
    if (this.#isOver()) return false
    const isMine = await this.#deps.records.commit(this.#turn.key, this.#turn.holder, intent)
    if (isMine) this.#committed = intent
    else this.#lose()
    return isMine
  }

  #lose(): void {
    if (this.#isOver()) return
    const why = new Error(`the lease ${this.#turn.key} was lost`)
    // Tasks pass the signal on as theirs, and then its reason is what their caller gets.
    this.#lost.abort(storeUnavailable(why))
  }

  #isOver(): boolean {
    return this.#lost.signal.aborted || this.#ended.signal.aborted
  }
}
