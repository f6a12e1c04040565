import type { Redis } from 'ioredis'
import { openPatientRedis } from '../redis/open-redis.ts'

export interface CancelListenerOptions {
  readonly redisUrl: string
  readonly channel: string
  onCancel(jobId: string): void
  onFault(fault: unknown): void
}

const SILENCE_MS = 5000

/** Hears of running jobs that nobody waits for any more. What it misses is ended by the job's deadline. */
export class CancelListener {
  readonly #redis: Redis

  constructor(options: CancelListenerOptions) {
    this.#redis = openPatientRedis(options.redisUrl, options.onFault, SILENCE_MS)
    this.#redis.on('message', (_, jobId) => options.onCancel(jobId))
    this.#redis.subscribe(options.channel).catch(() => {})
  }

  /** Makes a connection that leads nowhere show. */
  async ping(): Promise<void> {
    await this.#redis.ping()
  }

  close(): void {
    this.#redis.disconnect()
  }
}
