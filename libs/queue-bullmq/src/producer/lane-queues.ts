import { LANES, type Lane } from '@semblance/core'
import { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import { MAX_ENVELOPE_BYTES } from '../job-envelope.ts'
import type { QueueNames } from '../queue-names.ts'
import { exceptOutages } from '../redis/redis-faults.ts'

/** How many failed jobs of each lane are kept for a look. Each is an envelope and a reason, without a picture. */
const SET_ASIDE_KEPT = 1000
/** How long they are kept: they may name persons. */
const SET_ASIDE_LIVES_S = 7 * 86_400
/** How many of BullMQ's own events are kept. Nobody listens to them. */
const EVENTS_KEPT = 100

/** One BullMQ queue for each lane, over one connection that they do not own. */
export class LaneQueues {
  readonly #open: () => Readonly<Record<Lane, Queue>>
  #queues: Readonly<Record<Lane, Queue>> | null = null

  constructor(redis: Redis, names: QueueNames, onFault: (fault: unknown) => void) {
    const openLane = (lane: Lane) => {
      const queue = new Queue(lane, {
        connection: redis,
        prefix: names.bullPrefix,
        streams: { events: { maxLen: EVENTS_KEPT } },
        defaultJobOptions: {
          attempts: 1,
          removeOnComplete: true,
          removeOnFail: { count: SET_ASIDE_KEPT, age: SET_ASIDE_LIVES_S },
          sizeLimit: MAX_ENVELOPE_BYTES,
        },
      })
      queue.on('error', exceptOutages(onFault))
      return queue
    }
    this.#open = () => ({ search: openLane('search'), enroll: openLane('enroll'), bulk: openLane('bulk') })
  }

  /** The queue of this lane, once it is ready. A queue that lost Redis while it opened stays broken, and is made anew. */
  async of(lane: Lane): Promise<Queue> {
    this.#queues ??= this.#open()
    const queues = this.#queues
    try {
      await queues[lane].waitUntilReady()
      return queues[lane]
    } catch (fault) {
      if (this.#queues === queues) {
        this.#queues = null
        await closeAll(queues)
      }
      throw fault
    }
  }

  async close(): Promise<void> {
    if (this.#queues !== null) await closeAll(this.#queues)
  }
}

async function closeAll(queues: Readonly<Record<Lane, Queue>>): Promise<void> {
  await Promise.allSettled(LANES.map((lane) => queues[lane].close()))
}
