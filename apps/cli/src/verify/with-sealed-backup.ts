import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { packSettings, readConfig } from '@semblance/config'
import type { ImageId } from '@semblance/core'
import { openSqliteInspector, readDiskImages, readServingPack } from '@semblance/store-local'
import { z } from 'zod'
import {
  DATABASE_FILE,
  databaseFileOf,
  isAbsent,
  readSummary,
  requireDatabase,
  requireKey,
} from '../backup/backup-folder.ts'
import { readBackupKey } from '../backup/backup-key.ts'
import { readSealed, unsealFile } from '../backup/sealed-file.ts'
import { goneAtExit } from '../command/gone-at-exit.ts'
import { CommandFault, wrongUse } from '../server/command-fault.ts'
import { type PackSettings, servingPack } from './serving-pack.ts'
import type { OpenedFolder } from './with-data-folder.ts'

interface SealedBackup {
  /** Its folder. */
  readonly backup: string
  readonly keyFile: string
  readonly signal: AbortSignal
}

/**
 * Opens an encrypted backup for looking. Its database is decrypted into the folder for temporary files (TMPDIR) meanwhile,
 * and each picture in memory. Throws a `CommandFault` for another key or a backup that is damaged.
 */
export async function withSealedBackup<T>(
  { backup, keyFile, signal }: SealedBackup,
  work: (folder: OpenedFolder) => Promise<T>,
): Promise<T> {
  const summary = await readSummary(backup)
  if (summary === null)
    throw wrongUse(
      `${backup} is no whole encrypted backup, which --key-file is about; name the folder of one by --data, which has a backup.json in it`,
    )
  const key = await readBackupKey(keyFile)
  requireKey(backup, summary, key)
  const stored = join(backup, databaseFileOf(key))
  await requireDatabase(stored, { backup, summary })
  const folder = await mkdtemp(join(tmpdir(), 'semblance-verify-'))
  const hasGone = goneAtExit(folder)
  try {
    const database = join(folder, DATABASE_FILE)
    await unsealFile(stored, database, { key, name: DATABASE_FILE })
    const records = openSqliteInspector(database)
    try {
      const descriptors = await servingPack(packsOfEnvironment(), readServingPack(database))
      const picturesIn = (kind: string) => {
        const disk = readDiskImages({ folder: resolve(backup, kind), clock })
        const get = (id: ImageId) =>
          pictureAt(disk.placeOf(id), { key, name: `${kind}/${id.slice(-2)}/${id}` })
        return { ...disk, get }
      }
      const [pictures, staged] = [picturesIn('pictures'), picturesIn('staged')]
      return await work({ records, pictures, staged, placeOf: pictures.placeOf, descriptors, signal })
    } finally {
      await records.close()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
    hasGone()
  }
}

const clock = { now: () => Date.now(), monotonic: () => performance.now() }

/** Null if it is not there; nothing at all if it is not what was encrypted, which is then told as damaged. */
async function pictureAt(file: string, sealed: Parameters<typeof readSealed>[1]): Promise<Uint8Array | null> {
  try {
    return await readSealed(file, sealed)
  } catch (fault) {
    if (isAbsent(fault)) return null
    if (fault instanceof CommandFault) return new Uint8Array()
    throw fault
  }
}

function packsOfEnvironment(): PackSettings {
  // biome-ignore lint/style/noProcessEnv: the one place that reads the environment
  return readConfig(z.object(packSettings), process.env, { warn: () => {} })
}
