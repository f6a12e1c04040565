/** By urgency: an interactive search never waits behind enrollment, nor enrollment behind bulk loads. */
export type Lane = 'search' | 'enroll' | 'bulk'
export const LANES = ['search', 'enroll', 'bulk'] as const satisfies readonly Lane[]

export interface JobRequest {
  readonly name: string
  readonly lane: Lane
  /** JSON: ids, references and settings; never pixels or descriptors. */
  readonly payload: unknown
  /** Not begun by then: dropped, and the caller told E_DEADLINE, of bulk jobs with `neverBegun` in its context. Counted from the call. */
  readonly deadlineMs: number
  /**
   * The job begins by waiting for strangers (`JobHandler.prepare`). Nobody waits behind it until it has waited for them,
   * so that a queue counts it as `preparing`, and not as work that lies ahead of others.
   */
  readonly preparesFirst?: boolean
  /**
   * The share of the lane's room, above 0 up to 1, that may be taken when this job comes: beyond it, the job is refused as
   * if the lane were full, and the rest is left to others. 1 if left out. At least one job may always wait.
   */
  readonly laneShare?: number
}

export interface LaneLoad {
  readonly waiting: number
  /** In a place of the machine. */
  readonly active: number
  /** Neither waiting nor in a place: they wait for strangers, as for the picture behind a link, or are about to. */
  readonly preparing: number
  /** 0 if nothing waits. */
  readonly oldestWaitingMs: number
  /** How many live workers serve the lane; left out where the process that holds the queue does its jobs itself. */
  readonly workers?: number
}

export interface JobWaiting {
  /** Aborting it gives the place back: nobody waits for the result any more. */
  readonly signal: AbortSignal
  /**
   * Aborting it takes the job back for as long as it has no place, also while it is fetched from strangers what it works with:
   * it never runs then, and `run` rejects with the signal's reason. A job that has a place goes on, and its result is given.
   */
  readonly unlessBegun?: AbortSignal | undefined
}

/** Run this job somewhere, give me its result by a deadline. */
export interface JobQueue {
  /**
   * The job's JSON result. Throws E_OVERLOADED at once if the lane is full, E_NO_WORKER if somebody waits and nobody
   * serves the lane, E_DEADLINE if not done by the deadline, the handler's own AppError, E_JOB_FAILED for any other fault.
   */
  run(request: JobRequest, waiting: JobWaiting): Promise<unknown>
  load(): Promise<Readonly<Record<Lane, LaneLoad>>>
  /** No new jobs; waits for running ones until the signal aborts. */
  close(waiting: { readonly signal: AbortSignal }): Promise<void>
}
