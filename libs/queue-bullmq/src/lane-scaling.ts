import { expectedWaitMs, LANES, type Lane, type LaneLoad } from '@semblance/core'

/**
 * One lane over all workers, for autoscalers. `waiting` includes prepared jobs, which a worker has taken and which wait for
 * a place there; `oldestWaitingMs` is of those that no worker has taken yet.
 */
export interface LaneScaling extends LaneLoad {
  /** Of those that prepare: not taken by a worker yet. */
  readonly unprepared: number
  /** Live worker processes that serve the lane. */
  readonly workers: number
  /** Jobs that those may run at once, all their lanes together. */
  readonly concurrency: number
  readonly completedPerSecond: number
  /** 0 until one has run lately. */
  readonly meanServiceMs: number
  /** The same if every place were taken: jobs share the machine then. */
  readonly fullLoadServiceMs: number
  /** Until a job that comes now would start; null: nobody can tell, since no worker serves the lane. */
  readonly estimatedWaitMs: number | null
  /** Since a worker last gave a sign of life; 0 while one serves the lane, null if none ever did. */
  readonly unservedMs: number | null
  /** While no worker serves the lane: jobs that wait, and those refused for it of late. Above 0, a worker is wanted. */
  readonly unservedJobs: number
  /** Jobs that failed for good and are kept for a look: handlers' bugs, and jobs that killed their workers. */
  readonly setAside: number
}

export type ScalingReport = Readonly<Record<Lane, LaneScaling>>

/** What is measured of a lane; the estimate is made of it. */
export type MeasuredLane = Omit<LaneScaling, 'estimatedWaitMs'>

/** For so long after the last sign of life of a lane's last worker jobs are let in: one that is restarted is back by then. */
export const WORKER_RETURNS_MS = 5_000
/** Nobody waits for what is in these, so that they may fill before a worker is started for them. */
const PATIENT_LANES: readonly Lane[] = ['bulk']

/** Whether a caller who waits would wait in vain. False for a lane that may wait for its first worker. */
export function lacksWorker(lanes: Readonly<Record<Lane, MeasuredLane>>, lane: Lane): boolean {
  if (PATIENT_LANES.includes(lane)) return false
  const { workers, unservedMs } = lanes[lane]
  return workers === 0 && (unservedMs === null || unservedMs >= WORKER_RETURNS_MS)
}

/** Places that a job of this lane finds free at once. */
export function freePlaces(lanes: Readonly<Record<Lane, MeasuredLane>>, lane: Lane): number {
  const active = LANES.reduce((sum, one) => sum + lanes[one].active, 0)
  return Math.max(0, lanes[lane].concurrency - active)
}

/** See `expectedWaitMs`. Null while nobody serves the lane. */
export function estimateWaitMs(lanes: Readonly<Record<Lane, MeasuredLane>>, lane: Lane): number | null {
  const { concurrency } = lanes[lane]
  if (concurrency === 0) return null
  const work = (one: Lane) => ({ waiting: lanes[one].waiting, serviceMs: lanes[one].fullLoadServiceMs })
  const ahead = { search: work('search'), enroll: work('enroll'), bulk: work('bulk') }
  const freeForLane = freePlaces(lanes, lane)
  return Math.round(expectedWaitMs(lane, { lanes: ahead, freePlaces: freeForLane, concurrency }))
}
