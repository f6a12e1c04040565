import { LANES, type Lane } from '@semblance/core'
import type { Redis } from 'ioredis'
import { ADDED_AT_FIELD, OLDEST_WAITING } from './bullmq-internals.ts'
import { estimateWaitMs, type MeasuredLane, type ScalingReport } from './lane-scaling.ts'
import { PREPARES_FIRST, type QueueNames } from './queue-names.ts'
import { WORKER_LIVES_MS, type WorkerBeat } from './worker-beat.ts'

/** The count of jobs refused for want of a worker lives so long after the last one. */
const REFUSED_COUNT_MS = 60_000
/** The most jobs of a lane that are looked through for those that prepare first. Redis does nothing else meanwhile. */
const MOST_TOLD_APART = 1_024
/** Reads the state in one step, so that a report is about one moment. Ages are by the server's own clock. */
const READ_STATE = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local out = {}
local served = KEYS[#KEYS - 1]
for i = 1, #KEYS - 2, 4 do
  local lane = (i + 3) / 4
  local oldest = 0
  local id = redis.call('LINDEX', KEYS[i], ${OLDEST_WAITING})
  if id then
    local since = redis.call('HGET', ARGV[lane * 2 + 2] .. id, '${ADDED_AT_FIELD}')
    if since then oldest = math.max(0, now - tonumber(since)) end
  end
  local seen = redis.call('HGET', served, ARGV[lane * 2 + 3])
  local unprepared = 0
  for _, waiting in ipairs(redis.call('LRANGE', KEYS[i], -tonumber(ARGV[2]), ${OLDEST_WAITING})) do
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

/**
 * What the script answers for each lane. `waiting` counts all that is in the lane's list, and `unprepared` those of them
 * that first wait for another server. `servedMs` is the time since the last sign of life of a worker, or -1.
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
    names.bull(lane).waiting,
    names.bull(lane).active,
    names.bull(lane).failed,
    names.refused(lane),
  ])
  const args = [
    String(WORKER_LIVES_MS),
    String(MOST_TOLD_APART),
    PREPARES_FIRST,
    ...LANES.flatMap((lane) => [names.bull(lane).jobPrefix, lane]),
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

/** Adds to the count of jobs refused for want of a worker. An autoscaler that starts one at need goes by it. */
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

function measure(lane: Lane, raw: RawLane, all: readonly WorkerBeat[]): MeasuredLane {
  const [listed, taken, oldestWaitingMs, setAside, refused, servedMs, unprepared] = raw
  const workers = all.filter(({ lanes }) => lanes.includes(lane))
  const sum = (of: (beat: WorkerBeat) => number) => workers.reduce((total, beat) => total + of(beat), 0)
  const mean = (of: (beat: WorkerBeat) => number | undefined) => {
    const timed = workers.map((beat) => of(beat) ?? 0).filter((ms) => ms > 0)
    return timed.reduce((total, ms) => total + ms, 0) / Math.max(1, timed.length)
  }
  // A beat may be a second old, and its jobs may have ended meanwhile.
  const preparing = Math.min(
    taken,
    sum((beat) => beat.preparing?.[lane] ?? 0),
  )
  const prepared = Math.min(
    taken - preparing,
    sum((beat) => beat.prepared?.[lane] ?? 0),
  )
  return {
    waiting: listed - unprepared + prepared,
    active: taken - preparing - prepared,
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
