import type { Lane } from '@semblance/core'

/**
 * How a job ended. In the gateway: what its caller was told, `unavailable` where Redis was away, `no-worker` where nobody
 * served its lane. In a worker: `expired` was dropped at pick-up, `aborted` ran until its deadline or until its caller
 * left, `handed-back` goes on in another worker, `set-aside` failed for good and is kept for a look.
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
  | 'handed-back'
  | 'set-aside'

/** Told once for each job, when it has left its place for good. */
export interface BullmqJobReport {
  readonly job: string
  readonly lane: Lane
  readonly waitedMs: number
  /** 0 if it never ran. */
  readonly ranMs: number
  readonly outcome: BullmqJobOutcome
}
