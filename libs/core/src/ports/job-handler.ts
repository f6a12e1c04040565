import type { Lane } from './job-queue.ts'

export interface JobContext {
  /** Aborts when nobody waits for the result any more. */
  readonly signal: AbortSignal
  readonly lane: Lane
  /**
   * The job gives its place to others until the answer is called: it waits its turn among jobs of its own kind. Left out
   * where a place is held from the first to the last.
   */
  readonly stepAside?: (() => () => void) | undefined
}

/** What a preparation came to: what the handler works with, or, if no work is left, the job's result. */
export type Preparation =
  | { readonly outcome: 'prepared'; readonly prepared: unknown }
  | { readonly outcome: 'done'; readonly result: unknown }

/**
 * Carries a job out, in one of the places of the machine. A job that first waits for strangers does so outside of the
 * places, in `prepare`: they are for work.
 */
export interface JobHandler {
  /** `prepared`: what `prepare` came to. Left out where the job needs none, and where nobody asked for it. */
  (payload: unknown, context: JobContext & { readonly prepared?: unknown }): Promise<unknown>
  /**
   * Null for a job that waits for nobody. Bounded by itself: what is too much rejects with E_OVERLOADED at once. What
   * it came to is let go of when the handler has ended, or when the signal aborts. A job that is done by it has ended: it
   * takes no place, and does not count as work.
   * @param context `remainingMs`: until the job's deadline
   */
  readonly prepare?: (
    payload: unknown,
    context: JobContext & { readonly remainingMs: number },
  ) => Promise<Preparation> | null
}
