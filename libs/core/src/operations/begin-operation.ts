import { overloaded } from '../errors.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import type { OperationId } from '../ids.ts'
import type { OperationStore } from '../ports/operation-store.ts'
import type { Waiting } from '../ports/waiting.ts'
import type { Operation, OperationTask } from './operation.ts'

/** Operations that have not ended, of all kinds: each takes its share of the stores and of the bulk lane. */
const MOST_AT_ONCE = 8
/** One of them has to end first, which takes a while. */
const RETRY_AFTER_S = 30

export interface BeginDeps {
  readonly gallery: Pick<GalleryPorts, 'records' | 'clock'>
  readonly operations: OperationStore
}

export type OperationDraft = OperationTask & {
  readonly id: OperationId
  readonly state: 'preparing' | 'running'
  readonly total: number
}

/**
 * Writes down a new operation. A call that is repeated answers what the first one made. Throws E_OVERLOADED if too many
 * have not ended.
 */
export async function insertOperation(
  { gallery, operations }: BeginDeps,
  draft: OperationDraft,
  waiting?: Waiting,
): Promise<{ readonly isNew: boolean; readonly operation: Operation }> {
  const earlier = await operations.records.find(draft.id, waiting)
  if (earlier !== null) return { isNew: false, operation: earlier }
  const unended = await operations.records.listByState(['preparing', 'running', 'paused'], waiting)
  if (unended.length >= MOST_AT_ONCE) throw overloaded('the list of operations', RETRY_AFTER_S)
  const now = gallery.clock.now()
  const made: Operation = {
    ...draft,
    cursor: null,
    done: 0,
    skipped: 0,
    marks: [],
    isLimitReached: false,
    failure: null,
    createdAt: now,
    updatedAt: now,
    endedAt: null,
    rev: 1,
  }
  const isNew = await operations.records.insert(made, waiting)
  return { isNew, operation: made }
}
