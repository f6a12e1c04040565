import { setTimeout as delay } from 'node:timers/promises'
import { say } from '@semblance/telemetry'
import { z } from 'zod'
import { EXIT } from '../command/exit-codes.ts'
import { openProgress, paceText } from '../command/progress.ts'
import type { CommandResult, ServerWork } from '../command/server-action.ts'
import { tableLines } from '../command/table.ts'

const LOOK_EVERY_MS = 500

export const operationAnswer = z.object({
  id: z.string(),
  kind: z.string(),
  state: z.string(),
  done: z.number(),
  total: z.number(),
  skipped: z.number(),
  progress: z.object({ unitsPerSecondLately: z.number().nullable(), etaSeconds: z.number().nullable() }),
  why: z.string().optional(),
  createdAt: z.string(),
  endedAt: z.string().optional(),
})
type OperationAnswer = z.infer<typeof operationAnswer>

/** Waits with a bar until it is done. Ctrl-C leaves it running on the server. */
export async function untilEnded(
  { calls, signal }: ServerWork<unknown>,
  begun: OperationAnswer,
): Promise<CommandResult> {
  const progress = openProgress(begun.kind === 'delete-persons' ? 'persons' : 'images')
  const path = `/operations/${begun.id}`
  const leave = () =>
    say(`It goes on without this command; semblance operations follow ${begun.id} shows it.`)
  signal.addEventListener('abort', leave)
  try {
    for (;;) {
      const { value, json } = await calls.ask({ method: 'GET', path }, operationAnswer)
      progress.update({ ...value, pace: paceOf(value) })
      if (value.endedAt !== undefined) {
        progress.stop()
        const exitCode = value.state === 'done' ? EXIT.fine : EXIT.found
        return { json, lines: [operationLine(value)], exitCode }
      }
      await delay(LOOK_EVERY_MS, undefined, { signal })
    }
  } finally {
    signal.removeEventListener('abort', leave)
    progress.stop()
  }
}

/** As in `, 25.1 a second, 12 min left`; a paused one has no pace until somebody resumes it. */
function paceOf({ state, endedAt, progress }: OperationAnswer): string {
  if (endedAt !== undefined) return ''
  if (state === 'paused') return paceText({ waits: 'paused', rate: null, leftSeconds: null })
  return paceText({ rate: progress.unitsPerSecondLately, leftSeconds: progress.etaSeconds })
}

/** A table. The column of the pace is only there while one of them is under way: an ended one has none. */
export function operationLines(operations: readonly OperationAnswer[]): readonly string[] {
  if (operations.length === 0) return ['no operations']
  const isUnderWay = operations.some(({ endedAt }) => endedAt === undefined)
  const titles = ['operation id', 'kind', 'state', 'done', ...(isUnderWay ? ['pace'] : [])]
  const rows = operations.map((one) => [
    ...[one.id, one.kind, one.state, `${one.done} of ${one.total}`],
    ...(isUnderWay ? [one.state === 'paused' ? '' : paceOf(one).replace(/^, /, '')] : []),
  ])
  return tableLines(
    titles.map((title) => ({ title })),
    rows,
  )
}

export function operationLine({ id, kind, state, done, total, skipped, why }: OperationAnswer): string {
  const left = skipped > 0 ? `, ${skipped} left alone` : ''
  return `${kind} ${id} is ${state}: ${done} of ${total}${left}${why === undefined ? '' : ` (${why})`}`
}
