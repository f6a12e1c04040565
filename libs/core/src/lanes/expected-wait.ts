import { LANES, type Lane } from '../ports/job-queue.ts'

/** Nobody is sent away for longer: by then the load is another. */
const MAX_RETRY_AFTER_S = 60

export interface LaneWork {
  /** Jobs that wait for a place. */
  readonly waiting: number
  /** Time that a job takes with every place taken, ms. 0 while no job has been timed. */
  readonly serviceMs: number
}

export interface WorkAhead {
  readonly lanes: Readonly<Record<Lane, LaneWork>>
  /** Places that a job of the lane may take now. */
  readonly freePlaces: number
  /** At least 1. */
  readonly concurrency: number
}

/**
 * Time until a job that comes to the lane now begins, ms: what is ahead of it in its own and the more urgent lanes, by how
 * long such jobs take, over all places. 0 if a place is left for it.
 */
export function expectedWaitMs(lane: Lane, { lanes, freePlaces, concurrency }: WorkAhead): number {
  const ahead = LANES.slice(0, LANES.indexOf(lane) + 1)
  const waiting = ahead.reduce((sum, one) => sum + lanes[one].waiting, 0)
  if (waiting < freePlaces) return 0
  const aheadMs = ahead.reduce((sum, one) => sum + lanes[one].waiting * lanes[one].serviceMs, 0)
  return (aheadMs + lanes[lane].serviceMs) / concurrency
}

/**
 * Whether a job that comes now would begin too late to end by its deadline: it waits, and then takes as long as such jobs do.
 * To begin it would be work for nobody. Never if a place is left for it, however long such jobs take: only jobs that run
 * tell that they have become faster.
 */
export function endsTooLate(job: {
  readonly waitMs: number
  /** With every place taken, ms. */
  readonly serviceMs: number
  readonly deadlineMs: number
}): boolean {
  return job.waitMs > 0 && job.waitMs + job.serviceMs > job.deadlineMs
}

/** When a caller should come again who would wait for so long now: the value of `Retry-After`, 1 to 60 s. */
export function retryAfterSeconds(waitMs: number): number {
  return Math.min(MAX_RETRY_AFTER_S, Math.max(1, Math.ceil(waitMs / 1000)))
}
