import type { Lane } from '@semblance/core'
import type { ActiveJob } from './active-job.ts'
import type { TakenJob } from './lane-workers.ts'

/** The jobs that this worker has taken and whose end Redis does not know yet. */
export class ActiveJobs {
  readonly #jobs = new Map<string, ActiveJob>()
  /** Jobs that wait for another server. */
  readonly #preparing = new Set<ActiveJob>()
  /** Jobs that have what they waited for, and now wait for a place. */
  readonly #prepared = new Set<ActiveJob>()
  #onChange: (() => void)[] = []

  get all(): readonly ActiveJob[] {
    return [...this.#jobs.values()]
  }

  /** Jobs that wait for another server, or for a place after that. */
  get withoutPlace(): readonly ActiveJob[] {
    return [...this.#preparing, ...this.#prepared]
  }

  /** What BullMQ needs to renew the locks of all. */
  get taken(): readonly TakenJob[] {
    return this.all.map(({ taken }) => taken)
  }

  get preparingByLane(): Readonly<Partial<Record<Lane, number>>> {
    return countByLane(this.#preparing)
  }

  get preparedByLane(): Readonly<Partial<Record<Lane, number>>> {
    return countByLane(this.#prepared)
  }

  find(id: string): ActiveJob | undefined {
    return this.#jobs.get(id)
  }

  /** The job of this id, if it waits for another server, or for a place after that. */
  findWithoutPlace(id: string): ActiveJob | undefined {
    return this.withoutPlace.find((job) => job.id === id)
  }

  add(job: ActiveJob): void {
    this.#jobs.set(job.id, job)
  }

  remove(job: ActiveJob): void {
    // A job whose lock ran out may have been taken once more, by this very worker.
    if (this.#jobs.get(job.id) === job) this.#jobs.delete(job.id)
    this.endToPrepare(job)
    this.changed()
  }

  beginToPrepare(job: ActiveJob): void {
    this.#preparing.add(job)
    this.changed()
  }

  /** Notes that the job is prepared and waits for a place. */
  beginToAwaitPlace(job: ActiveJob): void {
    this.#preparing.delete(job)
    this.#prepared.add(job)
  }

  /** Notes that the job has a place, or has ended. */
  endToPrepare(job: ActiveJob): void {
    this.#preparing.delete(job)
    this.#prepared.delete(job)
  }

  /** Resolves with the next change of jobs or places. */
  change(): Promise<void> {
    return new Promise((resolve) => this.#onChange.push(resolve))
  }

  changed(): void {
    for (const resolve of this.#onChange.splice(0)) resolve()
  }
}

function countByLane(jobs: Iterable<ActiveJob>): Readonly<Partial<Record<Lane, number>>> {
  const byLane = Map.groupBy(jobs, ({ lane }) => lane)
  return Object.fromEntries([...byLane].map(([lane, ones]) => [lane, ones.length]))
}
