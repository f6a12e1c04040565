import type { Waiting } from '@semblance/core'
import { HeldLease, type HeldLeaseDeps, type Turn } from './held-lease.ts'
import type { LeaseRecord, LeaseRecords } from './lease-records.ts'
import { LeaseWatch, nameTurn, processOfTurn } from './lease-watch.ts'
import { type Granted, WaitingTasks } from './waiting-tasks.ts'

export interface LeaseQueueDeps extends HeldLeaseDeps {
  readonly records: LeaseRecords
  /** Name of this process. */
  readonly process: string
  /** A number that this process has not used for a turn yet. */
  readonly nextTurn: () => number
  readonly random: () => number
  /** See `MongoExclusiveOptions`. */
  readonly hasEnded?: ((process: string) => Promise<boolean>) | undefined
  /** Nobody waits any more, and nothing that was seen is worth remembering. */
  readonly onSettled: () => void
}

/** A process may pass a key from task to task of its own for so long while others wait. */
const TENURE_MS = 250
/** A key may be looked at 40 times a second; who holds it need not be looked at as often. */
const LOOK_AT_HOLDER_MS = 1_000

/** The tasks of one process at one key: one of them at a time holds or watches the record for all. */
export class LeaseQueue {
  readonly #key: string
  readonly #deps: LeaseQueueDeps
  readonly #waiting = new WaitingTasks()
  /** This outlives those who wait: their patience may be shorter than a lease. */
  readonly #watch: LeaseWatch
  #isServing = false
  #lookedAtHolder = Number.NEGATIVE_INFINITY

  constructor(key: string, deps: LeaseQueueDeps) {
    this.#key = key
    this.#deps = deps
    this.#watch = new LeaseWatch(deps)
  }

  wait(waiting: Waiting | undefined): Promise<Granted> {
    const granted = this.#waiting.join(waiting)
    void this.#serve()
    return granted
  }

  async #serve(): Promise<void> {
    if (this.#isServing) return
    this.#isServing = true
    try {
      let hadTurn = false
      while (this.#waiting.length > 0) hadTurn = await this.#serveTenure()
      if (hadTurn) this.#deps.onSettled()
    } catch (fault) {
      this.#waiting.refuseAll(fault)
    } finally {
      this.#isServing = false
    }
  }

  /** Answers false if all left before the process had the key. */
  async #serveTenure(): Promise<boolean> {
    let turn = await this.#acquire()
    const hadTurn = turn !== null
    const until = this.#deps.clock.monotonic() + TENURE_MS
    while (turn !== null) turn = await this.#serveTurn(turn, until)
    return hadTurn
  }

  /** Answers null once nobody waits any more. */
  async #acquire(): Promise<Turn | null> {
    const { records, clock } = this.#deps
    let turn = await this.#take((holder) => records.takeFree(this.#key, holder))
    while (turn === null && this.#waiting.length > 0) {
      const askedAt = clock.monotonic()
      const record = await records.find(this.#key)
      if (record === null) {
        turn = await this.#take((holder) => records.insert(this.#key, holder))
        continue
      }
      const verdict = this.#watch.judge({ record, askedAt, cameAt: clock.monotonic() })
      if (verdict.act === 'take' || (await this.#hasEnded(record))) {
        turn = await this.#take((holder) => records.takeSeen(this.#key, verdict.seen, holder))
      } else {
        await this.#waitFor(record, verdict.delayMs)
      }
    }
    return turn
  }

  /** Its holder has. Whoever bears that name never comes back, so that the key may be taken as it was seen. */
  async #hasEnded({ holder }: LeaseRecord): Promise<boolean> {
    const { hasEnded, clock } = this.#deps
    if (holder === null || hasEnded === undefined) return false
    if (clock.monotonic() - this.#lookedAtHolder < LOOK_AT_HOLDER_MS) return false
    this.#lookedAtHolder = clock.monotonic()
    return hasEnded(processOfTurn(holder))
  }

  async #waitFor(record: LeaseRecord, delayMs: number): Promise<void> {
    const { records, process, random, sleep } = this.#deps
    if (record.wanted === null) await records.want(this.#key, record, process)
    const signal = this.#waiting.abandoned
    if (this.#waiting.length > 0)
      await sleep(delayMs * (0.75 + random() / 2), { signal }).catch(() => undefined)
  }

  async #take(write: (holder: string) => Promise<LeaseRecord | null>): Promise<Turn | null> {
    const holder = nameTurn(this.#deps.process, this.#deps.nextTurn())
    const takenAt = this.#deps.clock.monotonic()
    const record = await write(holder)
    return record && { key: this.#key, holder, committed: record.committed, takenAt }
  }

  /** Runs the turn to the end of its task; answers the next turn of this process, if it may go on. */
  async #serveTurn(turn: Turn, until: number): Promise<Turn | null> {
    const lease = new HeldLease(this.#deps, turn)
    const [ended, passedOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const end = () => {
      lease.end()
      ended.resolve()
      return passedOn.promise
    }
    if (this.#waiting.grant({ lease, end })) {
      void lease.keepAlive()
      await ended.promise
    }
    const mayGoOn = this.#waiting.length > 0 && this.#deps.clock.monotonic() < until
    // A task that failed to give the key back has not failed itself: others take it when the lease is over.
    if (!mayGoOn) await this.#deps.records.release(this.#key, turn.holder).catch(() => undefined)
    passedOn.resolve()
    return mayGoOn ? this.#take((holder) => this.#deps.records.passOn(this.#key, turn.holder, holder)) : null
  }
}
