import type { Command } from 'commander'
import { localAction } from '../command/local-action.ts'
import { withJsonOption } from '../command/options.ts'

interface VerifyOptions {
  readonly data?: string
  readonly report?: string
  readonly keyFile?: string
}

/** `semblance verify`: is everything that is stored whole? */
export function addVerifyCommand(program: Command): void {
  withJsonOption(program.command('verify'))
    .description(
      'read every record and picture, compare them, and change nothing; a server may be running. With the variables of a cluster set it looks at that, else at the data folder. Exits with 1 if anything was found',
    )
    .option('--data <folder>', "standalone's data folder (default: SEMBLANCE_DATA, else ./data)")
    .option('--key-file <file>', 'the key of an encrypted backup, which --data names then')
    .option('--report <file>', 'write each finding to a new file, as a line of JSON')
    .addHelpText('after', '\nExample:\n  semblance verify --data ./data --report findings.ndjson')
    .action(
      localAction<[], VerifyOptions>(async ({ options, signal }) => {
        // What it needs takes a while to load, and other commands do without.
        const { verifyStores } = await import('./verify-stores.ts')
        return verifyStores(options, signal)
      }),
    )
}
