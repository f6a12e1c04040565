import { Command } from 'commander'
import { EXIT } from './exit-codes.ts'

/** `semblance` without commands; wrong use of those that it gets ends with the code of the table. */
export function bareProgram(): Command {
  return new Command('semblance')
    .description('Face identification: a server, and tools for whoever fills and runs it')
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? EXIT.fine : EXIT.wrongUse))
    .addHelpText('after', EXIT_CODES)
}

const EXIT_CODES = `
Exit codes: 0 fine; 1 something was found or failed in the data; 2 wrong use; 3 the server cannot be reached, does not
serve, or takes no such key; 130 after Ctrl-C.`
