import type { Command } from 'commander'
import { serverAction, withServerOptions } from '../command/server-action.ts'

/** `semblance doctor`: what is wrong with this installation, and what to do? */
export function addDoctorCommand(program: Command): void {
  withServerOptions(program.command('doctor'))
    .description(
      'look at each part and setting, and change nothing. It judges the environment that it gets, as a server started here would: with the variables of a cluster set it looks at the cluster. Exits with 1 if something is wrong',
    )
    .addHelpText('after', '\nExample:\n  semblance doctor')
    .action(
      serverAction<[], object>(async (work) => {
        // What it needs takes a while to load, and other commands do without.
        const { examine } = await import('./examine.ts')
        return examine(work)
      }),
    )
}
