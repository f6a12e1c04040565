import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { EXIT } from './exit-codes.ts'

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
  readonly version: string
}

/** `semblance` without commands; wrong use of those that it gets ends with the code of the table. */
export function bareProgram(): Command {
  return new Command('semblance')
    .description('Face identification: a server, and tools for whoever fills and runs it')
    .version(version)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? EXIT.fine : EXIT.wrongUse))
    .addHelpText('after', EXIT_CODES)
}

const EXIT_CODES = `
Exit codes: 0 fine; 1 something was found or failed in the data; 2 wrong use; 3 the server cannot be reached, does not
serve, or takes no such key; 130 after Ctrl-C.`
