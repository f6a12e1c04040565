import { queueUnavailable } from '@semblance/core'
import type { Redis } from 'ioredis'
import { translateRedisFault } from './redis-faults.ts'

export interface RedisLinkOptions {
  readonly redis: Redis
  /** After so long without an answer a call fails, and Redis counts as away until it answers a ping. */
  readonly answerMs: number
  /** Called once when Redis has been away for `graceMs`. */
  readonly graceMs?: number
  readonly onAway?: (fault: unknown) => void
}

const PROBE_EVERY_MS = 100
const PROBES_BEFORE_RECONNECT = 50

/** A connection whose calls end soon, whatever happens to Redis. While it is known to be away they fail at once. */
export class RedisLink {
  readonly redis: Redis
  readonly #options: RedisLinkOptions
  #silent: Error | null = null
  #awayTimer: NodeJS.Timeout | undefined
  #probeTimer: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: RedisLinkOptions) {
    this.redis = options.redis
    this.#options = options
    this.redis.on('close', () => this.#beAway(new Error('the connection to Redis is lost')))
    this.redis.on('ready', () => this.#beBack())
  }

  /** Throws E_QUEUE_UNAVAILABLE, or E_OVERLOADED where Redis is full. */
  async call<T>(carryOut: (redis: Redis) => Promise<T>, answerMs = this.#options.answerMs): Promise<T> {
    if (this.#silent !== null) throw queueUnavailable(this.#silent)
    if (this.redis.status !== 'ready') throw queueUnavailable(new Error(`Redis is ${this.redis.status}`))
    let timer: NodeJS.Timeout | undefined
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.#fallSilent(answerMs)), answerMs)
    })
    try {
      return await Promise.race([carryOut(this.redis), silence])
    } catch (fault) {
      throw translateRedisFault(fault)
    } finally {
      clearTimeout(timer)
    }
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#awayTimer)
    clearTimeout(this.#probeTimer)
    this.redis.disconnect()
  }

  #fallSilent(answerMs: number): unknown {
    const fault = new Error(`Redis has not answered for ${answerMs} ms`)
    if (this.#silent === null) {
      this.#silent = fault
      this.#beAway(fault)
      this.#probe(1)
    }
    return queueUnavailable(fault)
  }

  /** A connection that is only slow comes back by itself; one that leads nowhere is replaced. */
  #probe(attempt: number): void {
    if (this.#closed) return
    if (attempt % PROBES_BEFORE_RECONNECT === 0) this.redis.disconnect(true)
    if (this.redis.status === 'ready' && attempt === 1) {
      this.redis.ping().then(
        () => this.#beBack(),
        () => {},
      )
    }
    this.#probeTimer = setTimeout(() => {
      if (this.#silent !== null) this.#probe(attempt + 1)
    }, PROBE_EVERY_MS)
  }

  #beAway(fault: Error): void {
    const { onAway, graceMs } = this.#options
    if (this.#closed || onAway === undefined || this.#awayTimer !== undefined) return
    this.#awayTimer = setTimeout(() => {
      this.#awayTimer = undefined
      if (this.#silent !== null || this.redis.status !== 'ready') onAway(fault)
    }, graceMs)
  }

  #beBack(): void {
    this.#silent = null
    clearTimeout(this.#probeTimer)
    clearTimeout(this.#awayTimer)
    this.#awayTimer = undefined
  }
}
