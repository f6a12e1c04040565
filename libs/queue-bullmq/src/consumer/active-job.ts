import type { Lane } from '@semblance/core'
import type { JobEnvelope } from '../job-envelope.ts'
import { preparesFirst } from '../queue-names.ts'
import type { TakenJob } from './lane-workers.ts'

/** A job that this worker has taken, until Redis knows how it ended. */
export class ActiveJob {
  readonly taken: TakenJob
  readonly envelope: JobEnvelope | null
  readonly waitedMs: number
  /** True once another worker may have it. How it ends here no longer matters. */
  isHandedBack = false
  /** How long it has been aside so far, in milliseconds. */
  asideMs = 0
  readonly #controller = new AbortController()

  constructor(taken: TakenJob, envelope: JobEnvelope | null, waitedMs: number) {
    this.taken = taken
    this.envelope = envelope
    this.waitedMs = waitedMs
  }

  get lane(): Lane {
    return this.taken.lane
  }

  get id(): string {
    return this.taken.job.id ?? ''
  }

  /** True for a job that first waits for another server, without a place. */
  get preparesFirst(): boolean {
    return preparesFirst(this.id)
  }

  /** Aborts when nobody waits for the result any more, or when it goes on elsewhere. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason)
  }
}
