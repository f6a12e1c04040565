import { type Clock, LANES, type Lane } from '@semblance/core'
import { estimateWaitMs, freePlaces, type ScalingReport } from '../queue-state.ts'

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

/** Whether a job may enter its lane, without asking Redis for each one. */
export class LaneAdmission {
  readonly #options: LaneAdmissionOptions
  #state: { readonly report: ScalingReport; readonly at: number } | null = null
  #reading: Promise<ScalingReport> | null = null
  #addedSince: Record<Lane, number> = { search: 0, enroll: 0, bulk: 0 }

  constructor(options: LaneAdmissionOptions) {
    this.#options = options
  }

  /** Counts a job that has just been let in. */
  added(lane: Lane): void {
    this.#addedSince[lane] += 1
  }

  /** Null to let it in, else how long the wait would be. */
  async refusalOf(lane: Lane, deadlineMs: number): Promise<{ readonly waitMs: number } | null> {
    const guess = this.#judge(await this.#stateWithin(FRESH_MS), lane, deadlineMs)
    if (guess === null) return null
    return this.#judge(await this.#stateWithin(FRESH_FOR_REFUSAL_MS), lane, deadlineMs)
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
    const report = isFresh && this.#state !== null ? this.#state.report : await this.read()
    const lanes = LANES.map((lane) => {
      const waiting = report[lane].waiting + this.#addedSince[lane]
      return [lane, { ...report[lane], waiting }] as const
    })
    return Object.fromEntries(lanes) as ScalingReport
  }

  async #readOnce(): Promise<ScalingReport> {
    this.#addedSince = { search: 0, enroll: 0, bulk: 0 }
    const report = await this.#options.read()
    this.#state = { report, at: this.#options.clock.monotonic() }
    return report
  }

  #judge(report: ScalingReport, lane: Lane, deadlineMs: number): { readonly waitMs: number } | null {
    const waitMs = estimateWaitMs(report, lane)
    const isFull = report[lane].waiting - freePlaces(report, lane) >= this.#options.limits[lane]
    return isFull || waitMs > deadlineMs ? { waitMs } : null
  }
}
