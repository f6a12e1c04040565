import { OPERATION_KINDS, OPERATION_STATES, type Operation } from '@semblance/core'
import { z } from 'zod'

const time = z.string().meta({ format: 'date-time' })

export const operationView = z
  .object({
    id: z.string().meta({ format: 'uuid' }),
    kind: z.enum(OPERATION_KINDS),
    state: z.enum(OPERATION_STATES).meta({
      description: 'preparing: whom it is about is being written down. cancelled, done and failed: ended.',
    }),
    done: z.int().meta({ description: 'Persons, or images, that are done with.' }),
    total: z.int().meta({ description: 'As counted at the beginning.' }),
    skipped: z.int().meta({
      description: 'Persons who are done with and were left alone, because the filter had ceased to apply.',
    }),
    why: z.string().optional().meta({ description: 'Why it failed.' }),
    createdAt: time,
    updatedAt: time,
    endedAt: time.optional(),
  })
  .meta({ id: 'Operation' })

export const operationPage = z
  .object({
    items: z.array(operationView),
    page: z.int(),
    totalPages: z.int(),
    nextCursor: z.string().optional(),
  })
  .meta({ id: 'OperationPage' })

export function viewOperation(operation: Operation): z.infer<typeof operationView> {
  const { id, kind, state, done, total, skipped, failure, createdAt, updatedAt, endedAt } = operation
  return {
    id,
    kind,
    state,
    done,
    total,
    skipped,
    ...(failure === null ? {} : { why: failure }),
    createdAt: isoTime(createdAt),
    updatedAt: isoTime(updatedAt),
    ...(endedAt === null ? {} : { endedAt: isoTime(endedAt) }),
  }
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}
