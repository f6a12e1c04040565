import { randomUUID } from 'node:crypto'
import { overloaded, type PictureRef, type PicturesInFlight, type Waiting } from '@semblance/core'
import type { Redis } from 'ioredis'
import {
  ELSEWHERE,
  fitsStore,
  forgetStored,
  isLargeRef,
  type LargePictures,
  newLargeRef,
  storedIdOf,
} from './large-pictures.ts'
import { openImpatientRedis, readyOrLate } from './open-redis.ts'
import { RedisLink } from './redis-link.ts'

export interface RedisPicturesOptions {
  readonly redisUrl: string
  readonly prefix: string
  /** The most bytes in flight of all gateways together. It must be well below `maxmemory`. */
  readonly maxBytes: number
  readonly ttlMs: number
  /** If left out, all pictures lie in Redis. Gateways and workers must agree on it. */
  readonly large?: LargePictures
  /** Called with faults of the connection. Must not throw. */
  readonly onFault?: (fault: unknown) => void
}

export interface RedisPicturesInFlight extends PicturesInFlight {
  /** Removes large pictures that nobody dropped in time: those of gateways that died. Answers how many went. */
  forgetExpired(waiting?: Waiting): Promise<number>
  close(): Promise<void>
}

const ANSWER_MS = 1000
/** Enough for twenty megabytes over a slow network. */
const TRANSFER_MS = 5000
const CONNECT_PATIENCE_MS = 2000
const RETRY_AFTER_S = 2
/** A key in Redis expires a little later than the picture was written, and by another server's clock. */
const SWEEP_SLACK_MS = 120_000

/**
 * Takes room for a picture before its bytes come. KEYS are the refs by expiry, the sizes by ref, and the total. The room
 * is free again when the picture expires by the server's clock, whatever becomes of the process that took it. A total
 * that is wrong (after a failed write, or a key that somebody deleted) is counted anew before it refuses a picture, and
 * starts at 0 whenever nothing is in flight.
 */
const RESERVE = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local gone = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, 1000)
local total = tonumber(redis.call('GET', KEYS[3]) or '0')
for _, ref in ipairs(gone) do
  total = total - tonumber(redis.call('HGET', KEYS[2], ref) or '0')
  redis.call('HDEL', KEYS[2], ref)
  redis.call('ZREM', KEYS[1], ref)
end
if redis.call('ZCARD', KEYS[1]) == 0 then total = 0 end
local size, most, ttl = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
if total + size > most then
  total = 0
  for _, one in ipairs(redis.call('HVALS', KEYS[2])) do total = total + tonumber(one) end
end
local fits = total + size <= most
if fits then
  redis.call('ZADD', KEYS[1], now + ttl, ARGV[1])
  redis.call('HSET', KEYS[2], ARGV[1], size)
  total = total + size
end
redis.call('SET', KEYS[3], total)
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ttl * 2) end
return fits and 1 or 0`

/** Frees the room of a picture and deletes it. KEYS are those of `RESERVE`, then the picture's. */
const RELEASE = `
local size = redis.call('HGET', KEYS[2], ARGV[1])
if size then
  redis.call('HDEL', KEYS[2], ARGV[1])
  redis.call('ZREM', KEYS[1], ARGV[1])
  redis.call('DECRBY', KEYS[3], size)
end
return redis.call('UNLINK', KEYS[4])`

/**
 * Opens the pictures between gateway and worker. Each has its own expiring key; of a large one only the key is in Redis.
 * Calls also throw E_QUEUE_UNAVAILABLE when Redis is away, and E_OVERLOADED when it is out of memory.
 */
export async function openRedisPicturesInFlight(
  options: RedisPicturesOptions,
): Promise<RedisPicturesInFlight> {
  const redis = openImpatientRedis(options.redisUrl, options.onFault ?? (() => {}))
  await readyOrLate(redis, CONNECT_PATIENCE_MS)
  return new LinkedPictures(options, new RedisLink({ redis, answerMs: ANSWER_MS }))
}

class LinkedPictures implements RedisPicturesInFlight {
  readonly #options: RedisPicturesOptions
  readonly #link: RedisLink
  readonly #tag: string

  constructor(options: RedisPicturesOptions, link: RedisLink) {
    this.#options = options
    this.#link = link
    this.#tag = `{${options.prefix}:pictures}`
  }

  async put(bytes: Uint8Array, waiting: Waiting = {}): Promise<PictureRef> {
    waiting.signal?.throwIfAborted()
    const { maxBytes, ttlMs, large } = this.#options
    const isLarge = large !== undefined && fitsStore(bytes, large)
    const ref = isLarge ? newLargeRef() : (randomUUID() as string as PictureRef)
    const sizes = [String(bytes.byteLength), String(maxBytes), String(ttlMs)]
    const fits = await this.#link.call((redis) => redis.eval(RESERVE, 3, ...this.#books(), ref, ...sizes))
    if (fits !== 1) throw overloaded('the memory for pictures in flight', RETRY_AFTER_S)
    try {
      waiting.signal?.throwIfAborted()
      if (isLarge) await large.store.put(storedIdOf(ref), bytes, waiting)
      const content = isLarge ? ELSEWHERE : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      const write = (redis: Redis) => redis.set(this.#key(ref), content, 'PX', ttlMs)
      await this.#link.call(write, TRANSFER_MS)
    } catch (fault) {
      // What cannot be given back now is given back when it expires.
      await this.drop(ref).catch(() => {})
      throw fault
    }
    return ref
  }

  async get(ref: PictureRef, waiting: Waiting = {}): Promise<Uint8Array | null> {
    waiting.signal?.throwIfAborted()
    const bytes = await this.#link.call((redis) => redis.getBuffer(this.#key(ref)), TRANSFER_MS)
    waiting.signal?.throwIfAborted()
    const { large } = this.#options
    if (bytes === null || !isLargeRef(ref) || large === undefined) return bytes
    return large.store.get(storedIdOf(ref), waiting)
  }

  async drop(ref: PictureRef): Promise<void> {
    const { large } = this.#options
    const release = (redis: Redis) => redis.eval(RELEASE, 4, ...this.#books(), this.#key(ref), ref)
    await Promise.all([
      this.#link.call(release),
      isLargeRef(ref) ? large?.store.delete(storedIdOf(ref)) : undefined,
    ])
  }

  async forgetExpired(waiting: Waiting = {}): Promise<number> {
    const { large, ttlMs } = this.#options
    if (large === undefined) return 0
    return forgetStored(large, { untouchedMs: ttlMs + SWEEP_SLACK_MS, waiting })
  }

  async close(): Promise<void> {
    this.#link.close()
  }

  #books(): readonly string[] {
    return [`${this.#tag}:expiry`, `${this.#tag}:sizes`, `${this.#tag}:total`]
  }

  #key(ref: PictureRef): string {
    return `${this.#tag}:${ref}`
  }
}
