import type { Lane } from '@semblance/core'
import type { Redis } from 'ioredis'
import type { QueueNames } from '../queue-names.ts'
import { openBlockingRedis, pauseAfterFault } from '../redis/open-redis.ts'

export interface BlockingWaitOptions {
  readonly redisUrl: string
  readonly names: QueueNames
  readonly lanes: readonly Lane[]
  onFault(fault: unknown): void
}

/** Waits at most so long, so that a call that got lost with another worker costs no more. */
const BLOCK_S = 1
const SILENCE_MS = BLOCK_S * 1000 + 3000

/**
 * Waits until a lane has work, over a connection of its own. BullMQ leaves one marker in a lane for all workers, and
 * who takes it owes the lane a look or the marker back.
 */
export class BlockingWait {
  readonly #options: BlockingWaitOptions
  readonly #redis: Redis

  constructor(options: BlockingWaitOptions) {
    this.#options = options
    this.#redis = openBlockingRedis(options.redisUrl, options.onFault, SILENCE_MS)
  }

  /** The lane whose marker was taken; null if it is worth looking all the same. */
  async wait(): Promise<Lane | null> {
    const { names, lanes } = this.#options
    const markers = lanes.map((lane) => names.bull(lane).marker)
    try {
      const popped = await this.#redis.bzpopmin(...(markers as [string]), BLOCK_S)
      return popped === null ? null : (lanes[markers.indexOf(popped[0])] ?? null)
    } catch {
      // The connection's own error handler has told it.
      await pauseAfterFault(this.#redis)
      return null
    }
  }

  close(): void {
    this.#redis.disconnect()
  }
}
