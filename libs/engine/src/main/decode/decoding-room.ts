import { overloaded, retryAfterSeconds } from '@semblance/core'
import { LaneGate } from '../pool/lane-gate.ts'
import type { TaskWork } from '../pool/thread-pool.ts'
import type { DecodingCost } from './decoding-cost.ts'
import { isHeavy } from './picture-weight.ts'

export interface DecodingRoomOptions {
  /** Light pictures decoded at a time: the processors. */
  readonly threads: number
  /** Memory of the heavy pictures decoded at a time, by their weight. */
  readonly maxBytes: number
}

/** Heavy pictures that are being decoded now. */
export interface DecodingLoad {
  readonly pictures: number
  /** Memory set apart for them, by their weight. */
  readonly bytes: number
}

/**
 * Who may decode when. Light pictures never wait for heavy ones: these are decoded on half as many threads, within a
 * bound of memory, and at most a share of the jobs that run at once may have any. One more such job is refused at once.
 */
export class DecodingRoom {
  readonly #light: LaneGate
  readonly #heavy: LaneGate
  readonly #heavyMemory: LaneGate
  readonly #heavyThreads: number
  readonly #maxHeavyJobs: number
  /** Jobs by their signal. */
  readonly #heavyJobs = new Map<unknown, { pictures: number }>()
  #heavyMs = 0
  #load: DecodingLoad = { pictures: 0, bytes: 0 }

  constructor({ threads, maxBytes }: DecodingRoomOptions) {
    this.#heavyThreads = Math.max(1, Math.floor(threads / 2))
    this.#maxHeavyJobs = threads + 1
    this.#light = new LaneGate(threads)
    this.#heavy = new LaneGate(this.#heavyThreads)
    this.#heavyMemory = new LaneGate(maxBytes)
  }

  get load(): DecodingLoad {
    return this.#load
  }

  /**
   * Runs `use` as a part of its job. Rejects with E_OVERLOADED if the picture is heavy and too many other jobs have heavy
   * ones already; those of one job count once, or a comparison of several could never be made.
   */
  async admit<T>(cost: DecodingCost, work: TaskWork, use: () => Promise<T>): Promise<T> {
    if (!isHeavy(cost)) return use()
    const job = work.signal ?? work
    const others = this.#heavyJobs.get(job) ?? { pictures: 0 }
    if (others.pictures === 0 && this.#heavyJobs.size >= this.#maxHeavyJobs) throw this.#refusal()
    this.#heavyJobs.set(job, others)
    others.pictures += 1
    this.#heavyMs += cost.ms
    try {
      return await use()
    } finally {
      this.#heavyMs -= cost.ms
      others.pictures -= 1
      if (others.pictures === 0) this.#heavyJobs.delete(job)
    }
  }

  /** Runs `use`, which decodes, when it is its turn; rejects with the signal's reason if aborted before. */
  decode<T>(cost: DecodingCost, work: TaskWork, use: () => Promise<T>): Promise<T> {
    const one = { ...work, weight: 1 }
    if (!isHeavy(cost)) return this.#light.pass(one, use)
    const counted = () => this.#counting(cost.bytes, use)
    return this.#heavy.pass(one, () => this.#heavyMemory.pass({ ...work, weight: cost.bytes }, counted))
  }

  async #counting<T>(bytes: number, use: () => Promise<T>): Promise<T> {
    this.#add({ pictures: 1, bytes })
    try {
      return await use()
    } finally {
      this.#add({ pictures: -1, bytes: -bytes })
    }
  }

  #add({ pictures, bytes }: DecodingLoad): void {
    this.#load = { pictures: this.#load.pictures + pictures, bytes: this.#load.bytes + bytes }
  }

  #refusal(): Error {
    const waitMs = this.#heavyMs / this.#heavyThreads
    return overloaded('decoding of large pictures', retryAfterSeconds(waitMs))
  }
}
