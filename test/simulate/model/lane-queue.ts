import { LANES, type Lane } from '@semblance/core'
import type { Job } from './job.ts'

/** Who takes jobs. */
export interface Taker {
  /** Takes what it has places for. */
  takeJobs(): void
}

/** The lanes in Redis. Of the workers that wait for a job, the one that has waited longest is woken. */
export class LaneQueue {
  readonly #jobs: Readonly<Record<Lane, Job[]>> = { search: [], enroll: [], bulk: [] }
  #idle: Taker[] = []

  add(job: Job): void {
    this.#jobs[job.lane].push(job)
    this.#idle.shift()?.takeJobs()
  }

  take(lane: Lane): Job | undefined {
    return this.#jobs[lane].shift()
  }

  waiting(lane: Lane): number {
    return this.#jobs[lane].length
  }

  get isEmpty(): boolean {
    return LANES.every((lane) => this.#jobs[lane].length === 0)
  }

  /** When the oldest job of the lane came. Null if there is none. */
  oldestSince(lane: Lane): number | null {
    return this.#jobs[lane][0]?.queuedAt ?? null
  }

  /** The worker has found nothing and waits. */
  waitForJob(taker: Taker): void {
    if (!this.#idle.includes(taker)) this.#idle.push(taker)
  }

  /** The worker stops, or has no place any more. */
  forget(taker: Taker): void {
    this.#idle = this.#idle.filter((one) => one !== taker)
  }
}
