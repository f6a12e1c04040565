import type { OperationChanges } from './operation.ts'

/** What came of one step of an operation. It is written once the step has ended; a step that is done again does no harm. */
export interface StepOutcome {
  readonly changes: Pick<OperationChanges, 'cursor' | 'done' | 'skipped' | 'isLimitReached' | 'parameters'>
  /** Units of work that it did: persons, or images. */
  readonly units: number
  /** There is nothing left to do. */
  readonly isDone: boolean
}
