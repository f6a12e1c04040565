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

/** The longest wait in seconds. A marker that was lost with another worker delays a job by no more. */
const BLOCK_S = 1
const SILENCE_MS = BLOCK_S * 1000 + 3000

/**
 * Waits until a lane has work, over a connection of its own. BullMQ puts one marker into a lane for all workers. Whoever
 * takes it must look into the lane or put it back.
 */
export class BlockingWait {
  readonly #options: BlockingWaitOptions
  readonly #redis: Redis

  constructor(options: BlockingWaitOptions) {
    this.#options = options
    this.#redis = openBlockingRedis(options.redisUrl, options.onFault, SILENCE_MS)
  }

  /** Resolves with the lane whose marker was taken, or null after the longest wait. Both are reasons to look. */
  async wait(): Promise<Lane | null> {
    const { names, lanes } = this.#options
    const markers = lanes.map((lane) => names.bull(lane).marker)
    try {
      const popped = await this.#redis.bzpopmin(...(markers as [string]), BLOCK_S)
      return popped === null ? null : (lanes[markers.indexOf(popped[0])] ?? null)
    } catch {
      // The error handler of the connection has told of it.
      await pauseAfterFault(this.#redis)
      return null
    }
  }

  close(): void {
    this.#redis.disconnect()
  }
}
