import { untilToldToStop } from '@semblance/telemetry'
import type { Command } from 'commander'
import { CommandFault } from '../server/command-fault.ts'
import { EXIT } from './exit-codes.ts'
import { type CommandResult, printResult, tellFault } from './server-action.ts'

/** Like `serverAction`, for a command that calls no server; the command has a `--json` option. */
export function localAction<Args extends readonly unknown[], Options>(
  run: (
    work: { readonly options: Options; readonly signal: AbortSignal },
    ...args: Args
  ) => Promise<CommandResult>,
): (...given: unknown[]) => Promise<void> {
  return async (...given) => {
    const command = given.at(-1) as Command
    const args = given.slice(0, -2) as unknown as Args
    const stopping = new AbortController()
    void untilToldToStop().then(() => stopping.abort(new CommandFault('stopped by the user', EXIT.stopped)))
    const { signal } = stopping
    try {
      printResult(command, await run({ options: command.opts<Options & object>(), signal }, ...args))
    } catch (fault) {
      tellFault(command, signal.aborted ? signal.reason : forPeople(fault))
    }
  }
}

/** What a store says of itself, such as that its folder cannot be used. It is known by its name: core loads slowly. */
function forPeople(fault: unknown): unknown {
  const isOurs = fault instanceof Error && fault.name === 'AppError'
  return isOurs ? new CommandFault(fault.message, EXIT.found) : fault
}
