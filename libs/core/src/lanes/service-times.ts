import type { Lane } from '../ports/job-queue.ts'

/** Weight of the newest job in the mean: about the last ten jobs count. */
const NEWEST_WEIGHT = 0.2

/** How long jobs of each lane take: an exponentially weighted mean, in which old jobs decay. */
export class ServiceTimes {
  readonly #meanMs: Partial<Record<Lane, number>> = {}

  note(lane: Lane, ranMs: number): void {
    const mean = this.#meanMs[lane]
    this.#meanMs[lane] = mean === undefined ? ranMs : mean + NEWEST_WEIGHT * (ranMs - mean)
  }

  /**
   * A job that was stopped after so long, because its caller left or its deadline passed. That tells only that it takes
   * longer. If such jobs counted as short ones, an overloaded lane would let in more, and most of those would be stopped, too.
   */
  noteStopped(lane: Lane, ranMs: number): void {
    if (ranMs > this.meanMs(lane)) this.note(lane, ranMs)
  }

  /** 0 until a job of the lane has run. */
  meanMs(lane: Lane): number {
    return this.#meanMs[lane] ?? 0
  }

  /** Without the lanes that have run nothing yet. */
  get means(): Readonly<Partial<Record<Lane, number>>> {
    return { ...this.#meanMs }
  }
}

export interface MachineLoad {
  readonly concurrency: number
  /** Jobs that the machine gets on with at once. */
  readonly parallelism: number
  /** Places that are taken now. */
  readonly taken: number
}

/** How much longer a job that runs now would take with every place taken: jobs share the machine then. */
export function slowdownAtFullLoad({ concurrency, parallelism, taken }: MachineLoad): number {
  return concurrency / Math.max(parallelism, taken)
}
