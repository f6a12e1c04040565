import type { GalleryPorts } from '../gallery-ports.ts'
import type { OperationStore } from '../ports/operation-store.ts'
import { deleteSomePersons } from './delete-persons.ts'
import { type DuplicatesDeps, findSomeDuplicates } from './find-duplicates.ts'
import type { Operation, OperationKind, OperationOf } from './operation.ts'
import { type RedescribeStepDeps, redescribeSome } from './redescribe.ts'
import type { StepOutcome } from './step.ts'

export interface StepDeps
  extends Pick<DuplicatesDeps, 'compareImages'>,
    Pick<RedescribeStepDeps, 'redescribing'> {
  readonly gallery: GalleryPorts
  readonly operations: OperationStore
}

type Step<Kind extends OperationKind> = (
  deps: StepDeps,
  operation: OperationOf<Kind>,
  waiting: { readonly signal: AbortSignal },
) => Promise<StepOutcome>

/** One for each kind: does a little of the work from the operation's cursor on, and can be done again. */
const STEPS: { readonly [Kind in OperationKind]: Step<Kind> } = {
  'delete-persons': deleteSomePersons,
  'find-duplicates': findSomeDuplicates,
  redescribe: redescribeSome,
}

export function takeStep(
  deps: StepDeps,
  operation: Operation,
  waiting: { readonly signal: AbortSignal },
): Promise<StepOutcome> {
  // The step of a kind takes operations of that kind.
  const step = STEPS[operation.kind] as Step<OperationKind>
  return step(deps, operation, waiting)
}
