import type { Lane } from '@semblance/core'
import type { JobEnvelope } from '../job-envelope.ts'
import { preparesFirst } from '../queue-names.ts'
import type { TakenJob } from './lane-workers.ts'

/** A job of ours from pick-up until Redis knows how it ended. */
export class ActiveJob {
  readonly taken: TakenJob
  readonly envelope: JobEnvelope | null
  readonly waitedMs: number
  /** Another worker has it now; how it ends here is nobody's business. */
  isHandedBack = false
  /** Spent aside so far. */
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

  /** It begins by waiting for strangers, without a place. */
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
