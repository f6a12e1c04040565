import { say, untilToldToStop } from '@semblance/telemetry'
import type { Command } from 'commander'
import { EXIT } from '../command/exit-codes.ts'
import { localAction } from '../command/local-action.ts'
import type { CommandResult } from '../command/server-action.ts'
import { namesCluster } from '../names-cluster.ts'
import { CommandFault, wrongUse } from '../server/command-fault.ts'
import type { MadeBackup } from './back-up.ts'

interface DataOption {
  readonly data?: string
}

/** `semblance backup` and `semblance restore`: a data folder is copied, and comes back. */
export function addBackupCommands(program: Command): void {
  program
    .command('backup')
    .argument('<folder>', 'where backups are kept; each gets a folder of its own, named by its time')
    .description(
      "back up standalone's data folder; a server may be running. A picture that the last backup has takes no room again",
    )
    .option('--data <folder>', "standalone's data folder (default: SEMBLANCE_DATA, else ./data)")
    .option('--json', 'print the result as one line of JSON', false)
    .addHelpText('after', '\nExample:\n  semblance backup /backups/faces --data ./data')
    .action(
      localAction<[string], DataOption>(({ options, signal }, folder) =>
        backUpData({ backups: folder, data: options.data }, signal),
      ),
    )
  program
    .command('restore')
    .argument('<backup>', 'the folder of one backup')
    .description(
      'copy a backup into a new data folder, and verify every record and picture of it. It writes over nothing. One JSON line for each finding and one for the sum; exits with 1 if anything was found',
    )
    .requiredOption('--data <folder>', 'the data folder to make: absent, or empty')
    .addHelpText(
      'after',
      '\nExample:\n  semblance restore /backups/faces/2027-01-31T04-00-00.000Z --data ./data-restored',
    )
    .action((backup: string, { data }: Required<DataOption>) => print(() => restoreData(backup, data)))
}

// What the work needs takes a while to load, and other commands do without.
async function backUpData(
  where: { readonly backups: string; readonly data: string | undefined },
  signal: AbortSignal,
): Promise<CommandResult> {
  if (where.data === undefined && namesCluster()) {
    throw wrongUse(
      'these are the variables of a cluster, whose servers have backups of their own: back up MongoDB first, then the bucket if pictures are in S3; to restore, bring back both, start, and run `semblance index rebuild` (docs/cluster.md, "Backup")',
    )
  }
  const { backUp } = await import('./back-up.ts')
  const made = await backUp(where, signal)
  return { json: JSON.stringify(made), lines: linesOf(made) }
}

function linesOf({ backup, pictures, linked }: MadeBackup): readonly string[] {
  const { files, bytes } = pictures
  return [backup, `${files} pictures of ${bytes} bytes, ${linked} of them shared with the last backup`]
}

async function restoreData(backup: string, data: string): Promise<object> {
  const { restore } = await import('./restore.ts')
  return restore({ backup, data }, untilStopped())
}

function untilStopped(): AbortSignal {
  const stopping = new AbortController()
  void untilToldToStop().then(() => stopping.abort(new CommandFault('stopped by the user', EXIT.stopped)))
  return stopping.signal
}

async function print(work: () => Promise<object>): Promise<void> {
  try {
    process.stdout.write(`${JSON.stringify(await work())}\n`)
  } catch (fault) {
    if (!(fault instanceof CommandFault)) throw fault
    say(`semblance: ${fault.message}`)
    process.exitCode = fault.exitCode
  }
}
