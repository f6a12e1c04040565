import type { Lane } from '@semblance/core'
import type { ActiveJob } from './active-job.ts'
import type { TakenJob } from './lane-workers.ts'

/** The jobs that this worker has taken and whose end Redis does not know yet. */
export class ActiveJobs {
  readonly #jobs = new Map<string, ActiveJob>()
  /** Jobs that wait for strangers, or for a place after that. */
  readonly #preparing = new Set<ActiveJob>()
  #onChange: (() => void)[] = []

  get all(): readonly ActiveJob[] {
    return [...this.#jobs.values()]
  }

  get preparing(): readonly ActiveJob[] {
    return [...this.#preparing]
  }

  /** What BullMQ needs to renew their locks. */
  get taken(): readonly TakenJob[] {
    return this.all.map(({ taken }) => taken)
  }

  get preparingByLane(): Readonly<Partial<Record<Lane, number>>> {
    const byLane = Map.groupBy(this.#preparing, ({ lane }) => lane)
    return Object.fromEntries([...byLane].map(([lane, jobs]) => [lane, jobs.length]))
  }

  find(id: string): ActiveJob | undefined {
    return this.#jobs.get(id)
  }

  add(job: ActiveJob): void {
    this.#jobs.set(job.id, job)
  }

  remove(job: ActiveJob): void {
    // A job whose lock ran out may have been taken once more, by this very worker.
    if (this.#jobs.get(job.id) === job) this.#jobs.delete(job.id)
    this.changed()
  }

  beginToPrepare(job: ActiveJob): void {
    this.#preparing.add(job)
    this.changed()
  }

  endToPrepare(job: ActiveJob): void {
    this.#preparing.delete(job)
  }

  /** Resolves with the next change of jobs or places. */
  change(): Promise<void> {
    return new Promise((resolve) => this.#onChange.push(resolve))
  }

  changed(): void {
    for (const resolve of this.#onChange.splice(0)) resolve()
  }
}
