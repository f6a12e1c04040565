import type { Operation } from './operation.ts'

/** How much was done by a time. */
export interface PaceMark {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly done: number
}

export interface OperationPace {
  /** Units that are done in a second, from the beginning to the last step, pauses included; null: not known yet. */
  readonly perSecond: number | null
  /** The same for the last minute, or for the part of it in which steps ended; null: not known. */
  readonly perSecondLately: number | null
  /** For what is left, at the rate of the last minute; null: not known, or it does not run. */
  readonly etaSeconds: number | null
}

/** A rate over less time says little. */
const LEAST_SPAN_MS = 1_000
const LATELY_MS = 60_000
/** Between two marks but the newest: thirteen of them cover a minute. */
const MARK_EVERY_MS = 5_000

/**
 * The marks of an operation after one more step: they are stored with it, so that its rate is known to whichever process
 * is asked, and right after another took over.
 */
export function markedAfter(marks: readonly PaceMark[], mark: PaceMark): readonly PaceMark[] {
  const kept = marks.filter(({ at }) => at > mark.at - LATELY_MS && at <= mark.at)
  const [before, newest] = [kept.at(-2), kept.at(-1)]
  const isClose = before !== undefined && newest !== undefined && newest.at - before.at < MARK_EVERY_MS
  return [...(isClose ? kept.slice(0, -1) : kept), mark]
}

/** As of now; of an operation that has ended, as of its end. */
export function readPace(
  operation: Pick<Operation, 'state' | 'done' | 'total' | 'marks' | 'createdAt' | 'endedAt'>,
  nowMs: number,
): OperationPace {
  const { state, done, total, marks, createdAt, endedAt } = operation
  const now = endedAt ?? nowMs
  const last = marks.at(-1)
  const lately = marks.filter(({ at }) => at > now - LATELY_MS)
  const perSecondLately = rateOf(lately[0], lately.at(-1))
  return {
    perSecond: rateOf({ at: createdAt, done: 0 }, last),
    perSecondLately,
    etaSeconds:
      state !== 'running' || perSecondLately === null ? null : Math.max(0, total - done) / perSecondLately,
  }
}

function rateOf(first: PaceMark | undefined, last: PaceMark | undefined): number | null {
  if (first === undefined || last === undefined) return null
  const [units, ms] = [last.done - first.done, last.at - first.at]
  return units <= 0 || ms < LEAST_SPAN_MS ? null : (units * 1000) / ms
}
