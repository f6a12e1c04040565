import { setTimeout as sleepFor } from 'node:timers/promises'
import type { Clock, Exclusive, Lease, Waiting } from '@semblance/core'
import type { MongoDatabase } from '../database/mongo-database.ts'
import { BEATS_PER_LEASE } from './held-lease.ts'
import { LeaseQueue, type LeaseQueueDeps } from './lease-queue.ts'
import { LeaseRecords } from './lease-records.ts'

export interface MongoExclusiveOptions {
  readonly database: Pick<MongoDatabase, 'db' | 'ask'>
  /** A holder that gives no sign of life for so long may be robbed; the same in all processes. */
  readonly leaseMs: number
  readonly clock: Pick<Clock, 'monotonic'>
  /** Names this start of this process: what bears the name of an earlier one must not be taken for its own. */
  readonly holderId: string
  /** True only if it is certain that the process of this name has ended: its lease need not be watched. Left out: nobody knows. */
  readonly hasEnded?: LeaseQueueDeps['hasEnded']
  /** The time for one call to the store; default a fifth of the lease, 5 s at most. */
  readonly timeoutMs?: number | undefined
  readonly sleep?: LeaseQueueDeps['sleep'] | undefined
  /** A number from 0 to 1; spreads the looks of many processes over time. */
  readonly random?: (() => number) | undefined
}

const LONGEST_TIMEOUT_MS = 5000

/**
 * A lease document per key. Within a process first come first served; between processes the one next in line is let in
 * after a quarter of a second of the other's tasks. Looking costs little: the longer a key is held, the rarer the looks.
 * Throws E_STORE_UNAVAILABLE to all who wait when the store cannot be asked.
 */
export function createMongoExclusive(options: MongoExclusiveOptions): Exclusive {
  return new MongoExclusive(options)
}

class MongoExclusive implements Exclusive {
  readonly #deps: Omit<LeaseQueueDeps, 'onSettled'>
  readonly #queues = new Map<string, LeaseQueue>()

  constructor(options: MongoExclusiveOptions) {
    const { database, leaseMs, clock, holderId } = options
    const timeoutMs = options.timeoutMs ?? Math.min(leaseMs / BEATS_PER_LEASE, LONGEST_TIMEOUT_MS)
    let turns = 0
    this.#deps = {
      records: new LeaseRecords(database, timeoutMs),
      clock,
      leaseMs,
      process: holderId,
      nextTurn: () => {
        turns += 1
        return turns
      },
      sleep: options.sleep ?? ((ms, { signal }) => sleepFor(ms, undefined, signal && { signal })),
      random: options.random ?? Math.random,
      hasEnded: options.hasEnded,
    }
  }

  async run<T>(key: string, task: (lease: Lease) => Promise<T>, waiting?: Waiting): Promise<T> {
    waiting?.signal?.throwIfAborted()
    const granted = await this.#queueOf(key).wait(waiting)
    try {
      waiting?.signal?.throwIfAborted()
      return await task(granted.lease)
    } finally {
      await granted.end()
    }
  }

  #queueOf(key: string): LeaseQueue {
    const known = this.#queues.get(key)
    if (known !== undefined) return known
    const queue = new LeaseQueue(key, { ...this.#deps, onSettled: () => this.#queues.delete(key) })
    this.#queues.set(key, queue)
    return queue
  }
}
