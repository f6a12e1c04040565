import { type Clock, type JobRequest, LANES, type Lane } from '@semblance/core'
import {
  estimateWaitMs,
  freePlaces,
  lacksWorker,
  type ScalingReport,
  WORKER_RETURNS_MS,
} from '../lane-scaling.ts'

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

/** What is known of a job that comes. */
type Entrant = Pick<JobRequest, 'lane' | 'deadlineMs' | 'preparesFirst'>

/** Jobs by what they do first; those that begin by waiting for strangers are no work that lies ahead of others. */
interface JobCount {
  waiting: number
  unprepared: number
}

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
  async refusalOf(job: Entrant): Promise<Refusal | null> {
    const guess = this.#letIn(await this.#stateWithin(FRESH_MS), job)
    if (guess === null) return null
    return this.#letIn(await this.#stateWithin(FRESH_FOR_REFUSAL_MS), job)
  }

  /** A job that was let in is in Redis now, or never will be. */
  arrived({ lane, preparesFirst = false }: Entrant): void {
    this.#underWay[lane][kindOf(preparesFirst)] -= 1
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

  /** As of what was read last, which is a second old at most while somebody waits. 0 while nobody can tell. */
  expectedWaitMs(lane: Lane): number {
    return this.#state === null ? 0 : (estimateWaitMs(this.#withUnseen(this.#state.report), lane) ?? 0)
  }

  async #stateWithin(ageMs: number): Promise<ScalingReport> {
    const isFresh = this.#state !== null && this.#options.clock.monotonic() - this.#state.at <= ageMs
    return isFresh && this.#state !== null ? this.#state.report : this.read()
  }

  async #readOnce(): Promise<ScalingReport> {
    this.#unseen = structuredClone(this.#underWay)
    const report = await this.#options.read()
    this.#state = { report, at: this.#options.clock.monotonic() }
    return report
  }

  /** Judges and counts in one go: many who wait for the same state must not all be let in on the strength of it. */
  #letIn(report: ScalingReport, job: Entrant): Refusal | null {
    const refusal = this.#judge(this.#withUnseen(report), job)
    if (refusal === null) {
      const kind = kindOf(job.preparesFirst ?? false)
      this.#unseen[job.lane][kind] += 1
      this.#underWay[job.lane][kind] += 1
    }
    return refusal
  }

  #withUnseen(report: ScalingReport): ScalingReport {
    const lanes = LANES.map((lane) => {
      const waiting = report[lane].waiting + this.#unseen[lane].waiting
      const unprepared = report[lane].unprepared + this.#unseen[lane].unprepared
      return [lane, { ...report[lane], waiting, unprepared }] as const
    })
    return Object.fromEntries(lanes) as ScalingReport
  }

  #judge(report: ScalingReport, { lane, deadlineMs, preparesFirst = false }: Entrant): Refusal | null {
    if (this.lacksWorker(report, lane)) return { why: 'no-worker' }
    // Nobody can tell while the only worker is restarted; the lane's limit holds all the same.
    const waitMs = estimateWaitMs(report, lane) ?? 0
    const { waiting, unprepared } = report[lane]
    const ahead = preparesFirst ? unprepared : waiting
    if (ahead - freePlaces(report, lane) >= this.#options.limits[lane]) return { why: 'full', waitMs }
    return waitMs > deadlineMs ? { why: 'late', waitMs } : null
  }
}

function kindOf(preparesFirst: boolean): keyof JobCount {
  return preparesFirst ? 'unprepared' : 'waiting'
}

function noJobs(): Record<Lane, JobCount> {
  const none = () => ({ waiting: 0, unprepared: 0 })
  return { search: none(), enroll: none(), bulk: none() }
}
