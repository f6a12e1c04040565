import type { Redis } from 'ioredis'
import { openPatientRedis } from '../redis/open-redis.ts'

export interface CancelListenerOptions {
  readonly redisUrl: string
  readonly channel: string
  /** The id of a job, or what `withdrawnJob` reads. */
  onCancel(message: string): void
  onFault(fault: unknown): void
}

const SILENCE_MS = 5000

/** Listens for running jobs that nobody waits for any more. A job whose message was lost ends by its deadline. */
export class CancelListener {
  readonly #redis: Redis

  constructor(options: CancelListenerOptions) {
    this.#redis = openPatientRedis(options.redisUrl, options.onFault, SILENCE_MS)
    this.#redis.on('message', (_, message) => options.onCancel(message))
    this.#redis.subscribe(options.channel).catch(() => {})
  }

  /** Fails on a connection that leads nowhere, so that it is replaced. */
  async ping(): Promise<void> {
    await this.#redis.ping()
  }

  close(): void {
    this.#redis.disconnect()
  }
}
