import { AppError, hasWorkerDied, isNobodysFault, isTooSlow, reasonForCallers } from '../errors.ts'
import { pause } from '../lead.ts'
import type { JobWaiting } from '../ports/job-queue.ts'
import type { EnrolledByRow } from './enrolled-by-row.ts'
import type { Import } from './import.ts'
import type { ImportRow } from './import-row.ts'
import type { RowWork } from './person-of-row.ts'
import type { RowOutcome } from './row-outcome.ts'

/** Tries of one process, and claims that came to no end. */
const MOST_TRIES = 3
const MOST_CLAIMS = 5
/** The wait before the next try; it doubles each time. */
const FIRST_RETRY_MS = 500

export interface TryRowDeps {
  /** Has a row done somewhere. What it throws with `retryable` is not the row's fault. */
  readonly runRow: (work: RowWork, waiting: JobWaiting) => Promise<RowOutcome>
  /** Another image id for a row whose own can have no effect any more: it is too old, or what an earlier run left was withdrawn. */
  readonly renewImageId: (row: ImportRow) => Promise<ImportRow>
  /** What earlier runs of the row have enrolled, for good: see `enrolledByRow`. */
  readonly enrolledBefore: (row: ImportRow) => Promise<EnrolledByRow>
  /** What every row needs is away. */
  readonly onHeldUp: (fault: AppError) => Promise<void>
  /** Claims may have been counted that nobody worked under. */
  readonly wasStoreAwayLately: () => boolean
  /** Tries under earlier claims with which the engine, or the worker, may have died: see `FailedTries`. */
  readonly failedBefore: number
  /** No other row is under way: a worker that dies with its job again and again dies of this one. */
  readonly isAlone: boolean
  /** So many have by now: the row is to be tried alone. */
  readonly onSuspected: (tries: number) => void
  /** A fault that nobody foresaw: the row fails, and the log has to say why. */
  readonly onUnexpected: (fault: unknown) => void
}

export interface RowToTry {
  readonly made: Import
  readonly row: ImportRow
  /**
   * Some worker may be at it still once its outcome is told: for whoever claimed it before, or since a queue took that worker for
   * dead and gave the row to another one. Unless the row was enrolled, that worker must not enroll it any more.
   */
  readonly mayRunElsewhere: boolean
  /**
   * Aborts when no work on the row is to begin any more, so also when all work is to end; what has begun is stopped by that
   * other signal alone.
   */
  readonly unlessBegun: AbortSignal
}

/** How the tries of a row ended. */
interface Tried {
  readonly outcome: RowOutcome
  /** As it was tried last. */
  readonly row: ImportRow
  readonly mayRunElsewhere: boolean
}

/**
 * What came of a row, tried a few times. Null: it was not done, and nobody can say that it is its own fault, or it was not to
 * begin any more.
 */
export async function tryRow(
  deps: TryRowDeps,
  toTry: RowToTry,
  signal: AbortSignal,
): Promise<RowOutcome | null> {
  const { row } = toTry
  // Its record cannot be read.
  if (row.outcome !== null) return row.outcome
  const tried = isGivenUp(row, deps.wasStoreAwayLately())
    ? { outcome: failed(NO_END, true), row, mayRunElsewhere: true }
    : await tryInTurn(deps, toTry, signal)
  if (tried === null) return null
  return isTrue(tried) ? tried.outcome : unlessEnrolled(deps, tried, signal)
}

/** Whether the row was claimed so often that nobody is to begin it any more. */
export function isGivenUp({ tries }: Pick<ImportRow, 'tries'>, wasStoreAwayLately: boolean): boolean {
  return tries > MOST_CLAIMS && !wasStoreAwayLately
}

/** An image that is brought back has its id from the export, so that it tells nothing of this row: what was seen of it holds. */
function isTrue({ outcome, row, mayRunElsewhere }: Tried): boolean {
  if (outcome.kind === 'enrolled' || !mayRunElsewhere) return true
  return row.restore?.image !== undefined && outcome.kind !== 'failed'
}

async function tryInTurn(
  deps: TryRowDeps,
  { made, row, unlessBegun, ...toTry }: RowToTry,
  signal: AbortSignal,
): Promise<Tried | null> {
  let current = row
  let { mayRunElsewhere } = toTry
  const ended = (outcome: RowOutcome): Tried => ({ outcome, row: current, mayRunElsewhere })
  for (let tries = 1 + deps.failedBefore; !unlessBegun.aborted; tries++) {
    try {
      const work = { importId: made.id, policies: made.policies, groups: made.groups, row: current }
      const outcome = await deps.runRow(work, { signal, unlessBegun })
      if (outcome.kind !== 'failed' || !outcome.isPassing) return ended(outcome)
      if (tries >= MOST_TRIES) return ended({ ...outcome, tries })
      await pause(FIRST_RETRY_MS * 2 ** (tries - 1), unlessBegun)
    } catch (fault) {
      if (signal.aborted || fault === unlessBegun.reason) return null
      if (isNobodysFault(fault)) {
        // It may have been this picture that the engine died of.
        if (tries > 1 && isEngineAway(fault)) deps.onSuspected(tries - 1)
        await deps.onHeldUp(fault)
        return null
      }
      if (hasWorkerDied(fault) && !(deps.isAlone && tries >= MOST_TRIES)) {
        // Whatever else it had may have done it: beside rows, it may have pictures of a move, or of callers.
        deps.onSuspected(tries)
        return null
      }
      // Whoever was told to let go of it may be at its last writes.
      if (isTooSlow(fault)) mayRunElsewhere = true
      if (tries >= MOST_TRIES) {
        if (!(fault instanceof AppError)) deps.onUnexpected(fault)
        return ended({ ...failed(reasonForCallers(fault), true), tries })
      }
      if (codeOf(fault) === 'E_STALE_ID') current = await deps.renewImageId(current)
      else await pause(FIRST_RETRY_MS * 2 ** (tries - 1), unlessBegun)
    }
  }
  return null
}

/**
 * The outcome, unless an earlier run of the row has enrolled its picture: the report tells what is in the gallery. A row that ends
 * processes must not go on doing so; whoever knows that it was something else has it tried again.
 */
async function unlessEnrolled(
  deps: TryRowDeps,
  { row, outcome }: Tried,
  signal: AbortSignal,
): Promise<RowOutcome | null> {
  try {
    const before = await deps.enrolledBefore(row)
    if (before.is === 'enrolled') return before.outcome
    if (before.is === 'nothing') return outcome
    await pause(FIRST_RETRY_MS * 2 ** MOST_TRIES, signal)
    return null
  } catch (fault) {
    if (signal.aborted) return null
    if (!isNobodysFault(fault)) throw fault
    await deps.onHeldUp(fault)
    return null
  }
}

const NO_END = 'it was begun several times and came to no end: each time its process ended'

function failed(why: string, isPassing: boolean) {
  return { kind: 'failed', why, isPassing } as const
}

function codeOf(fault: unknown): AppError['code'] | null {
  return fault instanceof AppError ? fault.code : null
}

function isEngineAway({ code }: AppError): boolean {
  return code === 'E_ENGINE_UNAVAILABLE' || code === 'E_NO_WORKER'
}
