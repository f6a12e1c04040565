import { AsyncLocalStorage } from 'node:async_hooks'
import type { TraceStep } from './ports/tracing.ts'

/** One piece of work for one caller (a request, a job), to which an exception that nobody caught can be laid. */
export interface WorkScope {
  /**
   * Ends this work with the fault, and tells of it. False if the work ended so long ago that the fault cannot be its
   * own: then it is the process's.
   */
  fail(fault: unknown): boolean
  /** The step of a trace that this work is. Left out where nothing is traced. */
  readonly trace?: TraceStep | undefined
}

const scopes = new AsyncLocalStorage<WorkScope>()

/** Whatever `work` sets off, timers and events included, belongs to the scope; the innermost one counts. */
export function runInScope<T>(scope: WorkScope, work: () => T): T {
  return scopes.run(scope, work)
}

/** The work that is being done now; null for what is nobody's own. */
export function currentScope(): WorkScope | null {
  return scopes.getStore() ?? null
}
