export interface JobConcurrency {
  /** Jobs running at once. */
  readonly concurrency: number
  /** How many of these places are for searches alone. */
  readonly reserved: number
  /** Jobs that the machine gets on with at once; the others wait in it, for a picture or for a thread. */
  readonly parallelism: number
}

/**
 * How many jobs a process with so many inference threads runs at once. A picture being decoded or fetched needs no
 * thread: two more jobs keep those busy. As many places again are for searches alone: one that comes finds a place,
 * however much is being enrolled.
 */
export function jobConcurrency(threads: number): JobConcurrency {
  return { concurrency: 2 * threads + 2, reserved: threads, parallelism: threads }
}
