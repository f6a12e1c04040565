import type { Redis } from 'ioredis'

/**
 * What this library takes for granted of BullMQ's data in Redis. BullMQ documents none of it, and it stands in no other
 * file. bullmq-internals.test.ts compares all of it with the installed version.
 */

/** The version that was read. Another one is first compared with this file. */
export const BULLMQ_VERSION = '6.7.0'

/** BullMQ's keys of one lane. */
export interface LaneKeys {
  /** List of the ids of jobs that wait, without those that have a priority: ours have none. */
  readonly waiting: string
  /** List of the ids of jobs that a worker has taken. */
  readonly active: string
  /** Sorted set of the ids of jobs that failed for good. */
  readonly failed: string
  /** Sorted set that wakes one waiting worker: see `addMarker`. */
  readonly marker: string
  /** The key of a job's hash, without the id at its end. */
  readonly jobPrefix: string
}

/** Names the keys of a lane. `prefix` is the option of BullMQ with this name. */
export function laneKeys(prefix: string, lane: string): LaneKeys {
  const of = (key: string) => `${prefix}:${lane}:${key}`
  return {
    waiting: of('wait'),
    active: of('active'),
    failed: of('failed'),
    marker: of('marker'),
    jobPrefix: of(''),
  }
}

/** Index in the list of waiting jobs: a new one enters at the other end, one that is handed back enters here. */
export const OLDEST_WAITING = -1

/** Field of the hash of a job: when it was added, in milliseconds since the epoch, as its producer said. */
export const ADDED_AT_FIELD = 'timestamp'

/** Field of the hash of a job: how often a worker took it; not there before the first time. */
export const TAKEN_FIELD = 'ats'

/**
 * Wakes one worker that waits for this lane. BullMQ adds the same member with each job, so that there is one marker
 * however many jobs wait. Whoever takes it must look into the lane or put it back.
 */
export async function addMarker(redis: Redis, { marker }: LaneKeys): Promise<void> {
  await redis.zadd(marker, 0, '0')
}

const TAKE_OUT_WAITING = `
if redis.call('LREM', KEYS[1], -1, ARGV[1]) == 0 then return 0 end
redis.call('UNLINK', KEYS[2])
return 1`

/**
 * Removes a job that waits, and no other: BullMQ's own removal takes a job whose lock has run out for one that waits, although a
 * slow worker may have it, and says of one that is gone that it was removed. Answers whether it waited.
 */
export async function takeOutWaiting(
  redis: Redis,
  { waiting, jobPrefix }: LaneKeys,
  jobId: string,
): Promise<boolean> {
  return (await redis.eval(TAKE_OUT_WAITING, 2, waiting, `${jobPrefix}${jobId}`, jobId)) === 1
}

/**
 * True if BullMQ says that a job is no longer this worker's to end: it is gone, or its lock is gone or another's. Its
 * scripts answer with small negative numbers, which its errors carry as `code`. Codes of connections are texts.
 */
export function isNoLongerOurs(fault: unknown): boolean {
  return fault instanceof Error && 'code' in fault && typeof fault.code === 'number' && fault.code < 0
}
