import type { OperationId } from '@semblance/core'
import { z } from 'zod'
import { type Reply, refuse } from '../endpoint/reply.ts'
import { idField } from '../fields/id-field.ts'

export const operationParams = z.object({ operationId: idField<OperationId>('Operation id.') })
export const duplicateParams = z.object({ duplicatesId: idField<OperationId>('Id of the search.') })

export function operationPath(id: OperationId): string {
  return `/api/operations/${id}`
}

export function operationNotFound(): Reply {
  return refuse('OperationNotFound', 'there is no such operation')
}
