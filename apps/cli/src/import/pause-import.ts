import { say } from '@semblance/telemetry'
import { EXIT } from '../command/exit-codes.ts'
import { ATTEMPTS } from '../command/server-action.ts'
import { CommandFault } from '../server/command-fault.ts'
import { openClient, type ServerOptions } from '../server/open-client.ts'
import { type ImportAnswer, ImportCalls } from './import-calls.ts'
import { importLines } from './import-summary.ts'
import { settledImport } from './settled-import.ts'

/** Whoever pressed Ctrl-C waits for no server that hangs; one that is busy answers within that. */
const PATIENCE_MS = 15_000

/** Has the import paused, and tells people how it stands, or why that could not be done. */
export type Pause = (made: Pick<ImportAnswer, 'id'>) => Promise<void>

/** What pauses an import once the command has been told to stop, by a client of its own, which that does not stop. */
export async function openPause(options: ServerOptions): Promise<Pause> {
  const late = new AbortController()
  const patience = { attempts: ATTEMPTS, graceMs: 0, isSecond: true }
  const calls = new ImportCalls(await openClient(options, late.signal, patience))
  return async ({ id }) => {
    const seconds = PATIENCE_MS / 1000
    const giveUp = () => late.abort(new CommandFault(`no answer within ${seconds} s`, EXIT.noServer))
    const timer = setTimeout(giveUp, PATIENCE_MS)
    try {
      for (const line of await pauseImport(calls, id)) say(line)
    } catch (fault) {
      say(whyNot(id, fault))
    } finally {
      clearTimeout(timer)
    }
  }
}

async function pauseImport(calls: Pick<ImportCalls, 'act' | 'get'>, id: string): Promise<readonly string[]> {
  try {
    await calls.act(id, 'pause')
  } catch (fault) {
    // It has ended meanwhile, which its state tells.
    if (!(fault instanceof CommandFault && fault.status === 409)) throw fault
  }
  const now = await settledImport(() => calls.get(id))
  const isPaused = now.state === 'paused'
  return [
    ...(isPaused ? ['The import is paused. The same command goes on from here.'] : []),
    ...importLines(now),
  ]
}

/** Throws what is no fault for people. */
function whyNot(id: string, fault: unknown): string {
  if (!(fault instanceof CommandFault)) throw fault
  if (fault.status === 404) return `The import ${id} is not there any more.`
  return `The import ${id} could not be paused (${fault.message}), and goes on with the rows that it has. To pause it: semblance imports pause ${id}`
}
