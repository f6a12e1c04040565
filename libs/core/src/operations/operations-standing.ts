import type { OperationStore } from '../ports/operation-store.ts'
import type { Waiting } from '../ports/waiting.ts'
import { OPERATION_KINDS, type OperationKind } from './operation.ts'

/** What of the operations of one kind has not ended. */
export interface OperationsStanding {
  readonly preparing: number
  readonly running: number
  readonly paused: number
  /** Persons or images that are left to do, as they were counted at the beginning. */
  readonly unitsLeft: number
}

export async function standingOfOperations(
  { records }: Pick<OperationStore, 'records'>,
  waiting?: Waiting,
): Promise<Readonly<Record<OperationKind, OperationsStanding>>> {
  const unended = await records.listByState(['preparing', 'running', 'paused'], waiting)
  const standingOf = (kind: OperationKind): OperationsStanding => {
    const own = unended.filter((operation) => operation.kind === kind)
    const inState = (wanted: string) => own.filter(({ state }) => state === wanted).length
    return {
      preparing: inState('preparing'),
      running: inState('running'),
      paused: inState('paused'),
      unitsLeft: own.reduce((sum, { total, done }) => sum + Math.max(0, total - done), 0),
    }
  }
  const entries = OPERATION_KINDS.map((kind) => [kind, standingOf(kind)] as const)
  return Object.fromEntries(entries) as Record<OperationKind, OperationsStanding>
}
