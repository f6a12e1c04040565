import type { Operation } from '../operations/operation.ts'
import type { OperationStore } from '../ports/operation-store.ts'
import type { Waiting } from '../ports/waiting.ts'

/** The operation that moves the gallery to another pack and has not ended; undefined: there is none. */
export async function moveUnderWay(
  { records }: Pick<OperationStore, 'records'>,
  waiting?: Waiting,
): Promise<Operation | undefined> {
  const unended = await records.listByState(['preparing', 'running', 'paused'], waiting)
  return unended.find(({ kind }) => kind === 'redescribe')
}
