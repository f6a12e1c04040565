import type { Command } from 'commander'
import { localAction } from '../command/local-action.ts'
import { withJsonOption } from '../command/options.ts'
import type { CommandResult } from '../command/server-action.ts'
import { namesCluster } from '../names-cluster.ts'
import { wrongUse } from '../server/command-fault.ts'
import type { MadeBackup } from './back-up.ts'

interface DataOption {
  readonly data?: string
}

/** `semblance backup` and `semblance restore`: a data folder is copied, and comes back. */
export function addBackupCommands(program: Command): void {
  withJsonOption(program.command('backup'))
    .argument('<folder>', 'where backups are kept; each gets a folder of its own, named by its time')
    .description(
      "back up standalone's data folder; a server may be running. A picture that the last backup has takes no room again",
    )
    .option('--data <folder>', "standalone's data folder (default: SEMBLANCE_DATA, else ./data)")
    .addHelpText('after', '\nExample:\n  semblance backup /backups/faces --data ./data')
    .action(
      localAction<[string], DataOption>(({ options, signal }, folder) =>
        backUpData({ backups: folder, data: options.data }, signal),
      ),
    )
  withJsonOption(program.command('restore'))
    .argument('<backup>', 'the folder of one backup')
    .description(
      'copy a backup into a new data folder, and verify every record and picture of it. It writes over nothing. Exits with 1 if anything was found',
    )
    .requiredOption('--data <folder>', 'the data folder to make: absent, or empty')
    .addHelpText(
      'after',
      '\nExample:\n  semblance restore /backups/faces/2027-01-31T04-00-00.000Z --data ./data-restored',
    )
    .action(
      localAction<[string], Required<DataOption>>(async ({ options, signal }, backup) => {
        const { restore } = await import('./restore.ts')
        return restore({ backup, data: options.data }, signal)
      }),
    )
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
