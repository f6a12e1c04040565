import { LANES, type Lane, type LaneLoad } from '@semblance/core'
import type { Redis } from 'ioredis'
import { PREPARES_FIRST, type QueueNames } from './queue-names.ts'

/** One lane over all workers, for autoscalers. */
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

/** What a worker tells of itself. */
export interface WorkerBeat {
  readonly lanes: readonly Lane[]
  readonly concurrency: number
  readonly meanServiceMs: Readonly<Partial<Record<Lane, number>>>
  readonly fullLoadServiceMs: Readonly<Partial<Record<Lane, number>>>
  readonly completedPerSecond: Readonly<Partial<Record<Lane, number>>>
  /** Jobs that it holds without a place for them; left out by workers of an older version. */
  readonly preparing?: Readonly<Partial<Record<Lane, number>>>
}

/** A worker that has been silent for so long does not count; its jobs are others' by then, too (`lockMs`). */
const WORKER_LIVES_MS = 5_000
/** For so long after the last sign of life of a lane's last worker jobs are let in: one that is restarted is back by then. */
export const WORKER_RETURNS_MS = 5_000
/** Jobs refused for want of a worker are told for so long after the last one. */
const REFUSED_COUNT_MS = 60_000
/** Among so many of the oldest jobs of a lane those that prepare first are told from others: Redis does nothing else then. */
const MOST_TOLD_APART = 1_024
/** Nobody waits for what is in these, so that they may fill before a worker is started for them. */
const PATIENT_LANES: readonly Lane[] = ['bulk']

/** In one step, so that a report is of one moment; ages by the server's own clock. */
const READ_STATE = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local out = {}
local served = KEYS[#KEYS - 1]
for i = 1, #KEYS - 2, 4 do
  local lane = (i + 3) / 4
  local oldest = 0
  local id = redis.call('LINDEX', KEYS[i], -1)
  if id then
    local since = redis.call('HGET', ARGV[lane * 2 + 2] .. id, 'timestamp')
    if since then oldest = math.max(0, now - tonumber(since)) end
  end
  local seen = redis.call('HGET', served, ARGV[lane * 2 + 3])
  local unprepared = 0
  for _, waiting in ipairs(redis.call('LRANGE', KEYS[i], -tonumber(ARGV[2]), -1)) do
    if string.sub(waiting, -string.len(ARGV[3])) == ARGV[3] then unprepared = unprepared + 1 end
  end
  table.insert(out, {redis.call('LLEN', KEYS[i]), redis.call('LLEN', KEYS[i + 1]), math.floor(oldest),
    redis.call('ZCARD', KEYS[i + 2]), tonumber(redis.call('GET', KEYS[i + 3]) or 0),
    seen and math.max(0, now - tonumber(seen)) or -1, unprepared})
end
local workers = {}
for _, value in ipairs(redis.call('HVALS', KEYS[#KEYS])) do
  local bar = string.find(value, '|', 1, true)
  if now - tonumber(string.sub(value, 1, bar - 1)) < tonumber(ARGV[1]) then
    table.insert(workers, string.sub(value, bar + 1))
  end
end
table.insert(out, workers)
return out`

/** Drops the silent ones, too; the key goes by itself when nobody is left. */
const WRITE_BEAT = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local bar = string.find(all[i + 1], '|', 1, true)
  if now - tonumber(string.sub(all[i + 1], 1, bar - 1)) >= tonumber(ARGV[3]) then redis.call('HDEL', KEYS[1], all[i]) end
end
redis.call('HSET', KEYS[1], ARGV[1], string.format('%d', now) .. '|' .. ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3] * 2)
for i = 4, #ARGV do redis.call('HSET', KEYS[2], ARGV[i], string.format('%d', now)) end
return redis.status_reply('OK')`

/**
 * `waiting`: whatever is in the lane's list. `servedMs`: since the last sign of life of one of its workers; -1 if there was
 * none. `unprepared`: of those that wait, the jobs that begin by waiting for strangers.
 */
type RawLane = readonly [
  waiting: number,
  active: number,
  oldestMs: number,
  failed: number,
  refused: number,
  servedMs: number,
  unprepared: number,
]

export async function readScaling(redis: Redis, names: QueueNames): Promise<ScalingReport> {
  const keys = LANES.flatMap((lane) => [
    ...['wait', 'active', 'failed'].map((key) => names.bull(lane, key)),
    names.refused(lane),
  ])
  const args = [
    String(WORKER_LIVES_MS),
    String(MOST_TOLD_APART),
    PREPARES_FIRST,
    ...LANES.flatMap((lane) => [names.bull(lane, ''), lane]),
  ]
  const raw = await redis.eval(READ_STATE, keys.length + 2, ...keys, names.served, names.workers, ...args)
  const [search, enroll, bulk, beats] = raw as [RawLane, RawLane, RawLane, readonly string[]]
  const workers = beats.map((beat): WorkerBeat => JSON.parse(beat))
  const lanes = {
    search: measure('search', search, workers),
    enroll: measure('enroll', enroll, workers),
    bulk: measure('bulk', bulk, workers),
  }
  const withWait = (lane: Lane) => ({ ...lanes[lane], estimatedWaitMs: estimateWaitMs(lanes, lane) })
  return { search: withWait('search'), enroll: withWait('enroll'), bulk: withWait('bulk') }
}

export async function writeBeat(
  redis: Redis,
  names: QueueNames,
  beat: WorkerBeat & { readonly id: string },
): Promise<void> {
  const { id, ...told } = beat
  const args = [id, JSON.stringify(told), String(WORKER_LIVES_MS), ...told.lanes]
  await redis.eval(WRITE_BEAT, 2, names.workers, names.served, ...args)
}

/** Jobs that were refused because no worker serves their lane: an autoscaler that starts one at need goes by it. */
export async function tellRefused(
  redis: Redis,
  names: QueueNames,
  refused: ReadonlyMap<Lane, number>,
): Promise<void> {
  const calls = redis.multi()
  for (const [lane, count] of refused) {
    calls.incrby(names.refused(lane), count)
    calls.pexpire(names.refused(lane), REFUSED_COUNT_MS)
  }
  await calls.exec()
}

/** Whether a caller who waits would wait in vain. False for a lane that may wait for its first worker. */
export function lacksWorker(lanes: Readonly<Record<Lane, Measured>>, lane: Lane): boolean {
  if (PATIENT_LANES.includes(lane)) return false
  const { workers, unservedMs } = lanes[lane]
  return workers === 0 && (unservedMs === null || unservedMs >= WORKER_RETURNS_MS)
}

type Measured = Omit<LaneScaling, 'estimatedWaitMs'>

/** Places that a job of this lane finds free at once. */
export function freePlaces(lanes: Readonly<Record<Lane, Measured>>, lane: Lane): number {
  const active = LANES.reduce((sum, one) => sum + lanes[one].active, 0)
  return Math.max(0, lanes[lane].concurrency - active)
}

/**
 * What is ahead in its own and the more urgent lanes, by how long such jobs take; 0 while no job has been timed, null
 * while nobody serves the lane.
 */
export function estimateWaitMs(lanes: Readonly<Record<Lane, Measured>>, lane: Lane): number | null {
  const { concurrency, fullLoadServiceMs } = lanes[lane]
  if (concurrency === 0) return null
  const ahead = LANES.slice(0, LANES.indexOf(lane) + 1)
  const waiting = ahead.reduce((sum, one) => sum + lanes[one].waiting, 0)
  if (waiting < freePlaces(lanes, lane)) return 0
  const aheadMs = ahead.reduce((sum, one) => sum + lanes[one].waiting * lanes[one].fullLoadServiceMs, 0)
  return Math.round((aheadMs + fullLoadServiceMs) / concurrency)
}

function measure(lane: Lane, raw: RawLane, all: readonly WorkerBeat[]): Measured {
  const [listed, taken, oldestWaitingMs, setAside, refused, servedMs, unprepared] = raw
  const waiting = listed - unprepared
  const workers = all.filter(({ lanes }) => lanes.includes(lane))
  const sum = (of: (beat: WorkerBeat) => number) => workers.reduce((total, beat) => total + of(beat), 0)
  const mean = (of: (beat: WorkerBeat) => number | undefined) => {
    const timed = workers.map((beat) => of(beat) ?? 0).filter((ms) => ms > 0)
    return timed.reduce((total, ms) => total + ms, 0) / Math.max(1, timed.length)
  }
  // A beat may be a second old, and its jobs ended meanwhile.
  const preparing = Math.min(
    taken,
    sum((beat) => beat.preparing?.[lane] ?? 0),
  )
  return {
    waiting,
    active: taken - preparing,
    preparing: preparing + unprepared,
    unprepared,
    oldestWaitingMs,
    setAside,
    workers: workers.length,
    unservedMs: workers.length > 0 ? 0 : servedMs < 0 ? null : servedMs,
    unservedJobs: workers.length > 0 ? 0 : listed + refused,
    concurrency: sum((beat) => beat.concurrency),
    completedPerSecond: sum((beat) => beat.completedPerSecond[lane] ?? 0),
    meanServiceMs: mean((beat) => beat.meanServiceMs[lane]),
    fullLoadServiceMs: mean((beat) => beat.fullLoadServiceMs?.[lane]),
  }
}
