import type { ImportId } from '@semblance/core'
import { z } from 'zod'
import { type Reply, refuse } from '../endpoint/reply.ts'
import { idField } from '../fields/id-field.ts'

export const importParams = z.object({ importId: idField<ImportId>('Import id.') })

export function importNotFound(): Reply {
  return refuse('ImportNotFound', 'there is no such import')
}
