import { OPERATION_KINDS, OPERATION_STATES, type Operation, readPace } from '@semblance/core'
import { z } from 'zod'

const time = z.string().meta({ format: 'date-time' })

const progress = z.object({
  unitsPerSecond: z.number().nullable().meta({
    description:
      'Persons or images, from the beginning to the last step, pauses included; null: not known yet.',
  }),
  unitsPerSecondLately: z.number().nullable().meta({
    description: 'In the last minute, or in the part of it in which steps ended; null: not known.',
  }),
  etaSeconds: z.number().nullable().meta({
    description: 'For what is left, at the rate of the last minute; null: not known, or it does not run.',
  }),
})

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
    progress,
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

/** As of now: its rates are those of the last minute. */
export function viewOperation(operation: Operation, nowMs: number): z.infer<typeof operationView> {
  const { id, kind, state, done, total, skipped, failure, createdAt, updatedAt, endedAt } = operation
  const { perSecond, perSecondLately, etaSeconds } = readPace(operation, nowMs)
  return {
    id,
    kind,
    state,
    done,
    total,
    skipped,
    progress: { unitsPerSecond: perSecond, unitsPerSecondLately: perSecondLately, etaSeconds },
    ...(failure === null ? {} : { why: failure }),
    createdAt: isoTime(createdAt),
    updatedAt: isoTime(updatedAt),
    ...(endedAt === null ? {} : { endedAt: isoTime(endedAt) }),
  }
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}
