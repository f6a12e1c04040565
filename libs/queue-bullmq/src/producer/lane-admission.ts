import { type Clock, LANES, type Lane } from '@semblance/core'
import {
  estimateWaitMs,
  freePlaces,
  lacksWorker,
  type ScalingReport,
  WORKER_RETURNS_MS,
} from '../queue-state.ts'

export interface LaneAdmissionOptions {
  readonly clock: Clock
  /** Jobs that may wait in a lane. */
  readonly limits: Readonly<Record<Lane, number>>
  /** Reads the queue's present state. */
  readonly read: () => Promise<ScalingReport>
}

/** A state of this age is good enough to let a job in; a refusal is never made by an old one. */
const FRESH_MS = 200
/** Under overload many ask at once. */
const FRESH_FOR_REFUSAL_MS = 20

/** Why a job may not enter its lane. */
export type Refusal =
  | { readonly why: 'full' | 'late'; readonly waitMs: number }
  | { readonly why: 'no-worker' }

/** Whether a job may enter its lane, without asking Redis for each one. */
export class LaneAdmission {
  readonly #options: LaneAdmissionOptions
  #state: { readonly report: ScalingReport; readonly at: number } | null = null
  #reading: Promise<ScalingReport> | null = null
  /** Let in since the state was asked for, or on their way to Redis then: some may be counted in it, too. */
  #unseen = noJobs()
  /** Let in, and perhaps not in Redis yet. */
  #underWay = noJobs()
  /** Until then the absence of workers is no news: Redis was away, and their signs of life with it. */
  #forgivenUntil = Number.NEGATIVE_INFINITY

  constructor(options: LaneAdmissionOptions) {
    this.#options = options
  }

  /** Null to let it in. Whoever was let in is told of with `arrived`. */
  async refusalOf(lane: Lane, deadlineMs: number): Promise<Refusal | null> {
    const guess = this.#letIn(await this.#stateWithin(FRESH_MS), lane, deadlineMs)
    if (guess === null) return null
    return this.#letIn(await this.#stateWithin(FRESH_FOR_REFUSAL_MS), lane, deadlineMs)
  }

  /** A job that was let in is in Redis now, or never will be. */
  arrived(lane: Lane): void {
    this.#underWay[lane] -= 1
  }

  /** Redis is back: workers may take a moment to tell that they live. */
  forgiveAbsence(): void {
    this.#forgivenUntil = this.#options.clock.monotonic() + WORKER_RETURNS_MS
  }

  /** Whether somebody who waits in this lane would wait in vain. */
  lacksWorker(report: ScalingReport, lane: Lane): boolean {
    return this.#options.clock.monotonic() >= this.#forgivenUntil && lacksWorker(report, lane)
  }

  /** The present state; what is known of it is used for the next jobs. */
  read(): Promise<ScalingReport> {
    this.#reading ??= this.#readOnce().finally(() => {
      this.#reading = null
    })
    return this.#reading
  }

  async #stateWithin(ageMs: number): Promise<ScalingReport> {
    const isFresh = this.#state !== null && this.#options.clock.monotonic() - this.#state.at <= ageMs
    return isFresh && this.#state !== null ? this.#state.report : this.read()
  }

  async #readOnce(): Promise<ScalingReport> {
    this.#unseen = { ...this.#underWay }
    const report = await this.#options.read()
    this.#state = { report, at: this.#options.clock.monotonic() }
    return report
  }

  /** Judges and counts in one go: many who wait for the same state must not all be let in on the strength of it. */
  #letIn(report: ScalingReport, lane: Lane, deadlineMs: number): Refusal | null {
    const refusal = this.#judge(this.#withUnseen(report), lane, deadlineMs)
    if (refusal === null) {
      this.#unseen[lane] += 1
      this.#underWay[lane] += 1
    }
    return refusal
  }

  #withUnseen(report: ScalingReport): ScalingReport {
    const lanes = LANES.map((lane) => {
      const waiting = report[lane].waiting + this.#unseen[lane]
      return [lane, { ...report[lane], waiting }] as const
    })
    return Object.fromEntries(lanes) as ScalingReport
  }

  #judge(report: ScalingReport, lane: Lane, deadlineMs: number): Refusal | null {
    if (this.lacksWorker(report, lane)) return { why: 'no-worker' }
    // Nobody can tell while the only worker is restarted; the lane's limit holds all the same.
    const waitMs = estimateWaitMs(report, lane) ?? 0
    const isFull = report[lane].waiting - freePlaces(report, lane) >= this.#options.limits[lane]
    if (isFull) return { why: 'full', waitMs }
    return waitMs > deadlineMs ? { why: 'late', waitMs } : null
  }
}

function noJobs(): Record<Lane, number> {
  return { search: 0, enroll: 0, bulk: 0 }
}
