import type { OperationId, OperationOf, OperationStore, Waiting } from '@semblance/core'

/** Null for another kind of operation, too. */
export async function findSearch(
  operations: OperationStore,
  id: OperationId,
  waiting: Waiting,
): Promise<OperationOf<'find-duplicates'> | null> {
  const found = await operations.records.find(id, waiting)
  return found?.kind === 'find-duplicates' ? found : null
}
