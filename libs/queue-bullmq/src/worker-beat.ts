import type { Lane } from '@semblance/core'
import type { Redis } from 'ioredis'
import type { QueueNames } from './queue-names.ts'

/** What a worker tells of itself. */
export interface WorkerBeat {
  readonly lanes: readonly Lane[]
  readonly concurrency: number
  readonly meanServiceMs: Readonly<Partial<Record<Lane, number>>>
  readonly fullLoadServiceMs: Readonly<Partial<Record<Lane, number>>>
  readonly completedPerSecond: Readonly<Partial<Record<Lane, number>>>
  /** Jobs that it has taken and that wait for another server. Workers of an older version leave this and `prepared` out. */
  readonly preparing?: Readonly<Partial<Record<Lane, number>>>
  /** Jobs that have what they waited for, and now wait for a place of this worker. */
  readonly prepared?: Readonly<Partial<Record<Lane, number>>>
  /** Model packs that it has loaded. Workers of an older version, which have one for good, leave it out. */
  readonly packs?: readonly string[]
  /** Those of them whose networks answer to no picture now. Workers of an older version leave it out. */
  readonly deadPacks?: readonly string[]
}

/** A worker that has been silent for so long does not count. By then others may take its jobs (`lockMs`), too. */
export const WORKER_LIVES_MS = 5_000

/** Writes a beat, and deletes those of silent workers. The key expires when no worker is left. */
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

export async function writeBeat(
  redis: Redis,
  names: QueueNames,
  beat: WorkerBeat & { readonly id: string },
): Promise<void> {
  const { id, ...told } = beat
  const args = [id, JSON.stringify(told), String(WORKER_LIVES_MS), ...told.lanes]
  await redis.eval(WRITE_BEAT, 2, names.workers, names.served, ...args)
}

const READ_BEATS = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local beats = {}
for _, value in ipairs(redis.call('HVALS', KEYS[1])) do
  local bar = string.find(value, '|', 1, true)
  if now - tonumber(string.sub(value, 1, bar - 1)) < tonumber(ARGV[1]) then
    table.insert(beats, string.sub(value, bar + 1))
  end
end
return beats`

/** What each live worker has last told of itself. */
export async function readBeats(redis: Redis, names: QueueNames): Promise<readonly WorkerBeat[]> {
  const beats = await redis.eval(READ_BEATS, 1, names.workers, String(WORKER_LIVES_MS))
  return (beats as readonly string[]).map((beat): WorkerBeat => JSON.parse(beat))
}
