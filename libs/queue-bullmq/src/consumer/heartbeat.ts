import type { Lane } from '@semblance/core'
import type { QueueNames } from '../queue-names.ts'
import type { RedisClock } from '../redis/redis-clock.ts'
import type { RedisLink } from '../redis/redis-link.ts'
import { writeBeat } from '../worker-beat.ts'
import type { ActiveJobs } from './active-jobs.ts'
import type { CancelListener } from './cancel-listener.ts'
import type { LaneStatistics } from './lane-statistics.ts'
import type { LaneWorkers } from './lane-workers.ts'

export interface HeartbeatDeps {
  /** The worker's id. */
  readonly id: string
  readonly link: RedisLink
  readonly workers: LaneWorkers
  readonly cancels: CancelListener
  readonly redisClock: RedisClock
  readonly names: QueueNames
  readonly lanes: readonly Lane[]
  readonly concurrency: number
  /** The model packs that this process has loaded now. */
  readonly packs: () => readonly string[]
  /** Those of them whose networks answer to no picture now. */
  readonly deadPacks: () => readonly string[]
  readonly active: ActiveJobs
  readonly statistics: LaneStatistics
  readonly beatMs: number
  readonly onFault: (fault: unknown) => void
}

/**
 * What a worker does each second or so, also through an outage: it renews the locks of its jobs, tells that it lives,
 * looks for jobs whose worker died, measures the clock of Redis and tries its connection for cancelled jobs.
 */
export class Heartbeat {
  readonly #deps: HeartbeatDeps
  #leaving = false
  #closed = false
  #timer: NodeJS.Timeout | undefined

  constructor(deps: HeartbeatDeps) {
    this.#deps = deps
  }

  start(): void {
    void this.#beatOn()
  }

  /** Tells that this worker is about to stop. From now on it only renews the locks of the jobs that it has. */
  leave(): void {
    this.#leaving = true
    void this.forget()
  }

  /** Deletes what this worker has told of itself. Never rejects, since that expires by itself. */
  async forget(): Promise<void> {
    const { link, names, id } = this.#deps
    await link.call((redis) => redis.hdel(names.workers, id)).catch(() => {})
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  /** Beats, and beats again some time after that has ended. So no two beats overlap. */
  async #beatOn(): Promise<void> {
    const { workers, redisClock, active, link, cancels, beatMs, onFault } = this.#deps
    const done = await Promise.allSettled([
      redisClock.measure(() => link.redis.time()),
      workers.renewLocks(active.taken),
      this.#leaving ? null : this.#tell(),
      this.#leaving ? null : workers.recoverStalled(),
      cancels.ping(),
    ])
    for (const one of done) {
      if (one.status === 'rejected' && !this.#closed) onFault(one.reason)
    }
    if (!this.#closed) this.#timer = setTimeout(() => void this.#beatOn(), beatMs)
  }

  #tell(): Promise<void> {
    const { id, lanes, concurrency, statistics, active, link, names } = this.#deps
    const { meanServiceMs, fullLoadServiceMs, completedPerSecond } = statistics
    const { preparingByLane: preparing, preparedByLane: prepared } = active
    const times = { meanServiceMs, fullLoadServiceMs, completedPerSecond }
    return writeBeat(link.redis, names, {
      id,
      lanes,
      concurrency,
      ...times,
      preparing,
      prepared,
      packs: this.#deps.packs(),
      deadPacks: this.#deps.deadPacks(),
    })
  }
}
