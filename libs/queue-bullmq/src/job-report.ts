import type { Lane } from '@semblance/core'

/**
 * How a job ended. A gateway reports what its caller was told: `unavailable` if Redis was away, `no-worker` if no worker
 * served its lane. A worker reports what it did: an `expired` job was dropped when it was taken, an `aborted` one ran
 * until its deadline or until its caller left, an `orphaned` one was dropped since the gateway that asked for it has died, a `handed-back` one goes on in another worker, and a `set-aside` one
 * failed for good and is kept for a look.
 */
export type BullmqJobOutcome =
  | 'done'
  | 'failed'
  | 'overloaded'
  | 'deadline'
  | 'aborted'
  | 'shut-down'
  | 'unavailable'
  | 'no-worker'
  | 'expired'
  | 'orphaned'
  | 'handed-back'
  | 'set-aside'

/** A report comes once for each job, when it has left its place for good. */
export interface BullmqJobReport {
  readonly job: string
  readonly lane: Lane
  readonly waitedMs: number
  /** 0 if it never ran. */
  readonly ranMs: number
  readonly outcome: BullmqJobOutcome
}
