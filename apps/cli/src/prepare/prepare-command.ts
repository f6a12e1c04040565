import type { Command } from 'commander'
import { localAction } from '../command/local-action.ts'

/** `semblance prepare`: what a new version of a cluster needs, before its processes start. */
export function addPrepareCommand(program: Command): void {
  program
    .command('prepare')
    .description(
      'check the servers of a cluster as doctor does, refuse a database of a newer version, and make the collections and indexes that are missing. Exits with 1, and makes nothing, if something is wrong',
    )
    .option('--json', 'print the result as one line of JSON', false)
    .addHelpText('after', '\nExample:\n  semblance prepare')
    .action(
      localAction(async ({ signal }) => {
        // What it needs takes a while to load, and other commands do without.
        const { prepare } = await import('./prepare.ts')
        return prepare(signal)
      }),
    )
}
