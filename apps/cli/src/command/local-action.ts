import { CommandFault } from '../server/command-fault.ts'
import { EXIT } from './exit-codes.ts'
import { type CommandResult, commandAction } from './server-action.ts'

/** Like `serverAction`, for a command that calls no server; the command has a `--json` option. */
export function localAction<Args extends readonly unknown[], Options>(
  run: (
    work: { readonly options: Options; readonly signal: AbortSignal },
    ...args: Args
  ) => Promise<CommandResult>,
): (...given: unknown[]) => Promise<void> {
  return commandAction<Args, Options & object>(async (work, ...args) => {
    try {
      return await run(work, ...args)
    } catch (fault) {
      throw forPeople(fault)
    }
  })
}

/** What a store says of itself, such as that its folder cannot be used. It is known by its name: core loads slowly. */
function forPeople(fault: unknown): unknown {
  const isOurs = fault instanceof Error && fault.name === 'AppError'
  return isOurs ? new CommandFault(fault.message, EXIT.found) : fault
}
