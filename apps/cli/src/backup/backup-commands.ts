import { amount } from '@semblance/core'
import type { Command } from 'commander'
import { localAction } from '../command/local-action.ts'
import { wholeNumber, withJsonOption } from '../command/options.ts'
import type { Progress } from '../command/progress.ts'
import type { CommandResult } from '../command/server-action.ts'
import { namesCluster } from '../names-cluster.ts'
import { wrongUse } from '../server/command-fault.ts'
import type { MadeBackup } from './back-up.ts'
import { type BackupKey, readBackupKey } from './backup-key.ts'
import type { Retention } from './retention.ts'

const MAX_KEPT = 100_000
const KEY_OPTION = [
  '--key-file <file>',
  'file with the key of encrypted backups: 32 random bytes in Base64',
] as const

interface BackupOptions extends Retention {
  readonly data?: string
  readonly keyFile?: string
}

type RestoreOptions = Required<Pick<BackupOptions, 'data'>> & Pick<BackupOptions, 'keyFile'>

/** `semblance backup` and `semblance restore`: a data folder is copied, and comes back. */
export function addBackupCommands(program: Command): void {
  withJsonOption(program.command('backup'))
    .argument('<folder>', 'where backups are kept; each gets a folder of its own, named by its time')
    .description(
      "back up standalone's data folder; a server may be running. A picture that the last backup has takes no room again",
    )
    .option('--data <folder>', "standalone's data folder (default: SEMBLANCE_DATA, else ./data)")
    .option(...KEY_OPTION)
    .option('--keep <n>', 'then remove all but the newest so many', wholeNumber(1, MAX_KEPT))
    .option(
      '--keep-daily <n>',
      'keep the newest of each of the last so many days, too, and remove others',
      wholeNumber(1, MAX_KEPT),
    )
    .option('--keep-weekly <n>', 'the same for weeks', wholeNumber(1, MAX_KEPT))
    .addHelpText(
      'after',
      '\nExample:\n  semblance backup /backups/faces --data ./data --keep-daily 7 --keep-weekly 5',
    )
    .action(
      localAction<[string], BackupOptions>(({ options, signal }, folder) =>
        backUpData({ backups: folder, options }, signal),
      ),
    )
  withJsonOption(program.command('restore'))
    .argument('<backup>', 'the folder of one backup')
    .description(
      'copy a backup into a new data folder, and verify every record and picture of it. It writes over nothing. Exits with 1 if anything was found',
    )
    .requiredOption('--data <folder>', 'the data folder to make: absent, or empty')
    .option(...KEY_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  semblance restore /backups/faces/2027-01-31T04-00-00.000Z --data ./data-restored',
    )
    .action(
      localAction<[string], RestoreOptions>(async ({ options, signal }, backup) => {
        const { restore } = await import('./restore.ts')
        const restored = { backup, data: options.data, key: await keyOf(options) }
        return restore({ ...restored, openProgress: await progressOf() }, signal)
      }),
    )
}

// What the work needs takes a while to load, and other commands do without.
async function backUpData(
  { backups, options }: { readonly backups: string; readonly options: BackupOptions },
  signal: AbortSignal,
): Promise<CommandResult> {
  if (options.data === undefined && namesCluster()) {
    throw wrongUse(
      'these are the variables of a cluster, whose servers have backups of their own: back up MongoDB first, then the bucket if pictures are in S3, with imports paused meanwhile. To restore, stop all gateways and workers, bring back both, run `semblance index rebuild` and `semblance verify`, and only then start them (docs/cluster.md, "Backup")',
    )
  }
  const { backUp } = await import('./back-up.ts')
  const key = await keyOf(options)
  const progress = (await progressOf())('copied')
  const backing = { backups, data: options.data, key, retention: options, progress }
  const made = await backUp(backing, signal).finally(() => progress.stop())
  return { json: JSON.stringify(made), lines: linesOf(made) }
}

async function progressOf(): Promise<(done: string) => Progress> {
  const { openProgress } = await import('../command/progress.ts')
  return (done) => openProgress('pictures', Date.now, done)
}

function keyOf({ keyFile }: Pick<BackupOptions, 'keyFile'>): Promise<BackupKey> | null {
  return keyFile === undefined ? null : readBackupKey(keyFile)
}

function linesOf({ backup, pictures, linked, isEncrypted, removed }: MadeBackup): readonly string[] {
  const { files, bytes } = pictures
  return [
    backup,
    `${amount(files, 'picture')} of ${amount(bytes, 'byte')}${isEncrypted ? ', encrypted' : ''}, ${linked} of them shared with the last backup`,
    ...removed.map((name) => `${name} is removed`),
  ]
}
