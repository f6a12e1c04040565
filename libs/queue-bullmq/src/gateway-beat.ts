import type { QueueNames } from './queue-names.ts'
import type { RedisLink } from './redis/redis-link.ts'

/**
 * A gateway that has been silent for so long has died: nobody waits for what it asked. Longer than its process may stand
 * still for want of CPU; short enough that an import goes on within 30 s behind the jobs that a dead gateway has left.
 */
const LIVES_MS = 10_000
const BEATS_PER_LIFE = 5

export interface GatewayBeatOptions {
  readonly link: RedisLink
  readonly names: QueueNames
  readonly gateway: string
  /** After so long without a beat the gateway counts as dead. The default is 10000. */
  readonly livesMs?: number | undefined
}

/** The signs of life of a gateway: a key that expires. */
export class GatewayBeat {
  readonly #options: GatewayBeatOptions
  readonly #livesMs: number
  readonly #timer: NodeJS.Timeout

  constructor(options: GatewayBeatOptions) {
    this.#options = options
    this.#livesMs = options.livesMs ?? LIVES_MS
    this.#timer = setInterval(() => void this.beat(), this.#livesMs / BEATS_PER_LIFE)
  }

  /**
   * Never rejects: Redis is away, and the next beat comes soon. The second command is for a Redis that is full: it refuses
   * to set what is there already, but lets it live on.
   */
  async beat(): Promise<void> {
    const { link, names, gateway } = this.#options
    const key = names.gateway(gateway)
    const tell = () =>
      link.call((redis) =>
        Promise.allSettled([redis.set(key, '1', 'PX', this.#livesMs), redis.pexpire(key, this.#livesMs)]),
      )
    await tell().catch(() => {})
  }

  /** The gateway waits for nothing any more. */
  async end(): Promise<void> {
    clearInterval(this.#timer)
    const { link, names, gateway } = this.#options
    await link.call((redis) => redis.del(names.gateway(gateway))).catch(() => {})
  }
}
