import { expectedWaitMs, LANES, type Lane, type LaneLoad } from '@semblance/core'

/**
 * The state of one lane over all workers, for autoscalers. `waiting` includes prepared jobs: a worker has taken them, and
 * they wait for a place there. `oldestWaitingMs` is about those that no worker has taken yet.
 */
export interface LaneScaling extends LaneLoad {
  /** How many of those in `preparing` no worker has taken yet. */
  readonly unprepared: number
  /** How many live worker processes serve the lane. */
  readonly workers: number
  /** How many jobs those may run at once, all their lanes together. */
  readonly concurrency: number
  readonly completedPerSecond: number
  /** The mean time that a job takes. 0 until one has run lately. */
  readonly meanServiceMs: number
  /** The same if every place were taken, since jobs then share the machine. */
  readonly fullLoadServiceMs: number
  /** The wait of a job that comes now until it starts. Null while no worker serves the lane. */
  readonly estimatedWaitMs: number | null
  /** The time since a worker last gave a sign of life. 0 while one serves the lane, null if none ever did. */
  readonly unservedMs: number | null
  /** How many jobs wait or were refused of late while no worker serves the lane. Above 0, a worker is wanted. */
  readonly unservedJobs: number
  /** How many jobs failed for good and are kept for a look, by a bug of a handler or because they killed their workers. */
  readonly setAside: number
}

export type ScalingReport = Readonly<Record<Lane, LaneScaling>>

/** What is measured of a lane. The estimate of its wait is computed from it. */
export type MeasuredLane = Omit<LaneScaling, 'estimatedWaitMs'>

/** A lane lacks a worker so long after the last sign of life of its last one. A restarted worker is back by then. */
export const WORKER_RETURNS_MS = 5_000
/** Lanes in whose jobs no caller waits. They may fill up before a worker is started for them. */
const PATIENT_LANES: readonly Lane[] = ['bulk']

/** Whether callers of the lane wait however long nobody serves it. */
export function isPatient(lane: Lane): boolean {
  return PATIENT_LANES.includes(lane)
}

/** True if a caller would wait in vain. False for a lane that may wait for its first worker. */
export function lacksWorker(lanes: Readonly<Record<Lane, MeasuredLane>>, lane: Lane): boolean {
  if (isPatient(lane)) return false
  const { workers, unservedMs } = lanes[lane]
  return workers === 0 && (unservedMs === null || unservedMs >= WORKER_RETURNS_MS)
}

/** How many places a job of this lane finds free at once. */
export function freePlaces(lanes: Readonly<Record<Lane, MeasuredLane>>, lane: Lane): number {
  const active = LANES.reduce((sum, one) => sum + lanes[one].active, 0)
  return Math.max(0, lanes[lane].concurrency - active)
}

/** Estimates the wait as `expectedWaitMs` says. Null while no worker serves the lane. */
export function estimateWaitMs(lanes: Readonly<Record<Lane, MeasuredLane>>, lane: Lane): number | null {
  const { concurrency } = lanes[lane]
  if (concurrency === 0) return null
  const work = (one: Lane) => ({ waiting: lanes[one].waiting, serviceMs: lanes[one].fullLoadServiceMs })
  const ahead = { search: work('search'), enroll: work('enroll'), bulk: work('bulk') }
  const freeForLane = freePlaces(lanes, lane)
  return Math.round(expectedWaitMs(lane, { lanes: ahead, freePlaces: freeForLane, concurrency }))
}
