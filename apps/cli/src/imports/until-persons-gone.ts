import { setTimeout as delay } from 'node:timers/promises'
import { say } from '@semblance/telemetry'
import { z } from 'zod'
import { openProgress } from '../command/progress.ts'
import type { ServerWork } from '../command/server-action.ts'
import { CommandFault } from '../server/command-fault.ts'

/** What a dry run tells. `deleting`: the import goes, with these persons; an older server has no import then. */
const leftAnswer = z.object({ count: z.number(), deleting: z.boolean().optional() })

export type PersonsLeft = z.infer<typeof leftAnswer>

const SHORTEST_PAUSE_MS = 300
/** The server counts anew each time, and many persons take a while. */
const LONGEST_PAUSE_MS = 5_000

type Asking = Pick<ServerWork<unknown>, 'calls' | 'signal'>

/** How many persons the import at this path made who are still there. */
export async function askPersonsLeft({ calls }: Pick<Asking, 'calls'>, path: string): Promise<PersonsLeft> {
  const asked = { method: 'DELETE', path: `${path}?persons=created&dryRun=true` } as const
  return (await calls.ask(asked, leftAnswer)).value
}

/** Waits with a bar until they are gone. Ctrl-C leaves the server at it. */
export async function untilPersonsGone(work: Asking, path: string, total: number): Promise<void> {
  const { signal } = work
  const progress = openProgress('persons')
  const leave = () => say('It goes on without this command; the same command follows it again.')
  signal.addEventListener('abort', leave)
  try {
    for (let pauseMs = SHORTEST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      signal.throwIfAborted()
      const left = await leftOf(work, path)
      progress.update({ done: Math.max(0, total - left), total })
      if (left === 0) return
      await delay(pauseMs, undefined, { signal })
    }
  } finally {
    signal.removeEventListener('abort', leave)
    progress.stop()
  }
}

/** None once the import is gone, too. */
async function leftOf(work: Asking, path: string): Promise<number> {
  try {
    return (await askPersonsLeft(work, path)).count
  } catch (fault) {
    if (fault instanceof CommandFault && fault.status === 404) return 0
    throw fault
  }
}
