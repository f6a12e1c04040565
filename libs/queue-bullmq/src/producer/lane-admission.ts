import { type Clock, endsTooLate, type JobRequest, LANES, type Lane, roomOf } from '@semblance/core'
import {
  estimateWaitMs,
  freePlaces,
  lacksWorker,
  type ScalingReport,
  WORKER_RETURNS_MS,
} from '../lane-scaling.ts'

export interface LaneAdmissionOptions {
  readonly clock: Clock
  /** How many jobs may wait in a lane. */
  readonly limits: Readonly<Record<Lane, number>>
  /** Reads the queue's present state. */
  readonly read: () => Promise<ScalingReport>
}

/** A job may be let in by a state of this age. A refusal needs a newer one. */
const FRESH_MS = 200
/** A job may be refused by a state of this age. Under overload many ask at once, and share it. */
const FRESH_FOR_REFUSAL_MS = 20

/** Why a job may not enter its lane. */
export type Refusal =
  | { readonly why: 'full' | 'late'; readonly waitMs: number }
  | { readonly why: 'no-worker' }

/** What is known of a job before it is let in. */
type JobToAdmit = Pick<JobRequest, 'lane' | 'deadlineMs' | 'preparesFirst' | 'laneShare'>

/** Counts of jobs by what they do first. Jobs that first wait for another server are not ahead of others. */
interface JobCount {
  waiting: number
  unprepared: number
}

/** Decides whether a job may enter its lane, without asking Redis for each one. */
export class LaneAdmission {
  readonly #options: LaneAdmissionOptions
  #state: { readonly report: ScalingReport; readonly at: number } | null = null
  #reading: Promise<ScalingReport> | null = null
  /** Jobs let in since the state was asked for, or on their way to Redis then. Some may be counted in it, too. */
  #unseen = noJobs()
  /** Jobs let in that are perhaps not in Redis yet. */
  #underWay = noJobs()
  /** Until then an absence of workers does not count: Redis was away, and their signs of life with it. */
  #expectedUntil = Number.NEGATIVE_INFINITY

  constructor(options: LaneAdmissionOptions) {
    this.#options = options
  }

  /** Null lets the job in. Then `arrived` must follow. */
  async refusalOf(job: JobToAdmit): Promise<Refusal | null> {
    const guess = this.#letIn(await this.#stateWithin(FRESH_MS), job)
    if (guess === null) return null
    return this.#letIn(await this.#stateWithin(FRESH_FOR_REFUSAL_MS), job)
  }

  /** Notes that a job that was let in is in Redis now, or never will be. */
  arrived({ lane, preparesFirst = false }: JobToAdmit): void {
    this.#underWay[lane][kindOf(preparesFirst)] -= 1
  }

  /** Lets workers take a moment to tell that they live, when Redis is back. */
  expectWorkersBack(): void {
    this.#expectedUntil = this.#options.clock.monotonic() + WORKER_RETURNS_MS
  }

  /** True if a job in this lane would wait in vain. */
  lacksWorker(report: ScalingReport, lane: Lane): boolean {
    return this.#options.clock.monotonic() >= this.#expectedUntil && lacksWorker(report, lane)
  }

  /** Reads the present state. It is used for the next jobs, too. */
  read(): Promise<ScalingReport> {
    this.#reading ??= this.#readOnce().finally(() => {
      this.#reading = null
    })
    return this.#reading
  }

  /** The estimate by the state that was read last: a second old at most while somebody waits. 0 while it is unknown. */
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

  /** Judges and counts in one step, so that jobs that wait for the same state are not all let in by it. */
  #letIn(report: ScalingReport, job: JobToAdmit): Refusal | null {
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

  #judge(report: ScalingReport, job: JobToAdmit): Refusal | null {
    const { lane, deadlineMs, preparesFirst = false } = job
    if (this.lacksWorker(report, lane)) return { why: 'no-worker' }
    // The wait is unknown while the only worker is restarted. The lane's limit holds all the same.
    const waitMs = estimateWaitMs(report, lane) ?? 0
    const { waiting, unprepared, fullLoadServiceMs: serviceMs } = report[lane]
    const ahead = preparesFirst ? unprepared : waiting
    if (ahead - freePlaces(report, lane) >= roomOf(this.#options.limits[lane], job))
      return { why: 'full', waitMs }
    return endsTooLate({ waitMs, serviceMs, deadlineMs }) ? { why: 'late', waitMs } : null
  }
}

function kindOf(preparesFirst: boolean): keyof JobCount {
  return preparesFirst ? 'unprepared' : 'waiting'
}

function noJobs(): Record<Lane, JobCount> {
  const none = () => ({ waiting: 0, unprepared: 0 })
  return { search: none(), enroll: none(), bulk: none() }
}
