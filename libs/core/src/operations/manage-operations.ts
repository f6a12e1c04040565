import type { GalleryPorts } from '../gallery-ports.ts'
import type { OperationId } from '../ids.ts'
import type { OperationStore } from '../ports/operation-store.ts'
import type { Waiting } from '../ports/waiting.ts'
import { endingOf, hasEnded, type Operation, type OperationChanges } from './operation.ts'

interface ManageDeps {
  readonly gallery: Pick<GalleryPorts, 'clock'>
  readonly operations: OperationStore
}

/** `delete`: an operation that has ended goes, with what it found. */
export type OperationAction = 'pause' | 'resume' | 'cancel' | 'delete'

export type ChangeOperationOutcome =
  | { readonly outcome: 'changed'; readonly operation: Operation }
  | { readonly outcome: 'deleted' }
  | { readonly outcome: 'operation-not-found' }
  /** An operation in this state cannot be changed so. */
  | { readonly outcome: 'not-possible'; readonly state: Operation['state'] }

/** Changes the state of an operation. What it is already is no change, and no fault. */
export async function changeOperation(
  { gallery, operations }: ManageDeps,
  { id, action }: { readonly id: OperationId; readonly action: OperationAction },
  waiting?: Waiting,
): Promise<ChangeOperationOutcome> {
  for (;;) {
    const before = await operations.records.find(id, waiting)
    if (before === null) return { outcome: 'operation-not-found' }
    if (action === 'delete') return deleteOperation(operations, before, waiting)
    const changes = ACTIONS[action](before, gallery.clock.now())
    if (changes === 'not-possible') return { outcome: 'not-possible', state: before.state }
    if (changes === null) return { outcome: 'changed', operation: before }
    const after = await operations.records.update(before, changes, waiting)
    if (after === null) continue
    if (hasEnded(after)) await operations.targets.drop(id, undefined, waiting)
    return { outcome: 'changed', operation: after }
  }
}

async function deleteOperation(
  operations: OperationStore,
  { id, state }: Operation,
  waiting?: Waiting,
): Promise<ChangeOperationOutcome> {
  if (!hasEnded({ state })) return { outcome: 'not-possible', state }
  await operations.records.forget(id, waiting)
  return { outcome: 'deleted' }
}

/** Null: there is nothing to change. */
type Change = OperationChanges | 'not-possible' | null

const ACTIONS: Readonly<
  Record<Exclude<OperationAction, 'delete'>, (before: Operation, nowMs: number) => Change>
> = {
  pause: ({ state }, nowMs) => {
    if (state === 'paused') return null
    return state === 'running' ? { state: 'paused', updatedAt: nowMs } : 'not-possible'
  },
  resume: ({ state }, nowMs) => {
    if (state === 'running') return null
    return state === 'paused' ? { state: 'running', updatedAt: nowMs } : 'not-possible'
  },
  cancel: (before, nowMs) => {
    if (before.state === 'cancelled') return null
    if (hasEnded(before) || before.state === 'preparing') return 'not-possible'
    return endingOf(before, { state: 'cancelled', at: nowMs })
  },
}
