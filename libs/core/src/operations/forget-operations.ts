import type { OperationStore } from '../ports/operation-store.ts'
import type { Waiting } from '../ports/waiting.ts'
import { hasEnded, OPERATION_KINDS, type Operation, type OperationKind } from './operation.ts'

/** Operations of a kind that are kept after their end, with their results. */
const KEPT = 20

type Deps = { readonly operations: OperationStore }

/** Forgets those that ended before the newest ones of their kind. */
export async function forgetOldOperations({ operations }: Deps, waiting?: Waiting): Promise<void> {
  for (const kind of OPERATION_KINDS) {
    const old = await pageOf(operations, { kind, page: 2 }, waiting)
    for (const operation of old)
      if (hasEnded(operation)) await operations.records.forget(operation.id, waiting)
  }
}

/** Removes what a process that died left of operations that have ended. */
export async function tidyOperations({ operations }: Deps, waiting?: Waiting): Promise<void> {
  await forgetOldOperations({ operations }, waiting)
  for (const kind of OPERATION_KINDS) {
    const kept = await pageOf(operations, { kind, page: 1 }, waiting)
    for (const operation of kept)
      if (hasEnded(operation)) await operations.targets.drop(operation.id, undefined, waiting)
  }
}

async function pageOf(
  { records }: OperationStore,
  { kind, page }: { readonly kind: OperationKind; readonly page: number },
  waiting?: Waiting,
): Promise<readonly Operation[]> {
  return (await records.list({ kind, request: { page, size: KEPT } }, waiting)).items
}
