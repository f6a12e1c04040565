import { setTimeout as delay } from 'node:timers/promises'
import { say } from '@semblance/telemetry'
import { z } from 'zod'
import { EXIT } from '../command/exit-codes.ts'
import { openProgress } from '../command/progress.ts'
import type { CommandResult, ServerWork } from '../command/server-action.ts'

const LOOK_EVERY_MS = 500

export const operationAnswer = z.object({
  id: z.string(),
  kind: z.string(),
  state: z.string(),
  done: z.number(),
  total: z.number(),
  skipped: z.number(),
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
  const progress = openProgress(begun.kind === 'find-duplicates' ? 'images' : 'persons')
  const path = `/operations/${begun.id}`
  const leave = () => say(`It goes on without this command; ask /api${path} for it.`)
  signal.addEventListener('abort', leave)
  try {
    for (;;) {
      const { value, json } = await calls.ask({ method: 'GET', path }, operationAnswer)
      progress.update(value)
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

export function operationLine({ id, kind, state, done, total, skipped, why }: OperationAnswer): string {
  const left = skipped > 0 ? `, ${skipped} left alone` : ''
  return `${kind} ${id} is ${state}: ${done} of ${total}${left}${why === undefined ? '' : ` (${why})`}`
}
