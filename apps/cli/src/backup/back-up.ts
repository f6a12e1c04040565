import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { dataSettings, readConfig } from '@semblance/config'
import { syncFolder, writeSynced } from '@semblance/files'
import { copyDatabase, openSqliteInspector } from '@semblance/store-local'
import { z } from 'zod'
import {
  type BackupSummary,
  DATABASE_FILE,
  newestBackup,
  PARTIAL,
  SUMMARY_FILE,
  sumOfFile,
} from './backup-folder.ts'
import { type Copied, copyPictures } from './copy-pictures.ts'

const schema = z.object({ SEMBLANCE_DATA: dataSettings.SEMBLANCE_DATA })

export interface MadeBackup extends Pick<BackupSummary, 'at' | 'database' | 'pictures'> {
  /** The folder of the backup. */
  readonly backup: string
  /** Pictures that are hard links to those of the backup before. */
  readonly linked: number
}

/**
 * Makes a backup beside the earlier ones in `backups`, which has its name only once it is whole. The database comes
 * first: what it says of a picture is true of the file that is copied after it, or the picture was deleted meanwhile.
 * Answers what the backup holds.
 */
export async function backUp(
  { backups, data }: { readonly backups: string; readonly data: string | undefined },
  signal: AbortSignal,
): Promise<MadeBackup> {
  const from = resolve(data ?? dataOfEnvironment())
  await mkdir(backups, { recursive: true, mode: 0o700 })
  await clearPartials(backups)
  const at = new Date().toISOString()
  const name = at.replaceAll(':', '-')
  const partial = resolve(backups, `${PARTIAL}${name}`)
  await mkdir(partial, { mode: 0o700 })
  try {
    const earlier = await newestBackup(backups)
    const made = await fill({ from, to: partial, earlier, signal })
    const summary = `${JSON.stringify({ version: 1, at, ...made.summary })}\n`
    await writeSynced(join(partial, SUMMARY_FILE), summary, 0o600)
    await syncFolder(partial)
    await rename(partial, resolve(backups, name))
    await syncFolder(backups)
    return { backup: resolve(backups, name), at, ...made.summary, linked: made.copied.linked }
  } catch (fault) {
    await rm(partial, { recursive: true, force: true })
    throw fault
  }
}

function dataOfEnvironment(): string {
  // biome-ignore lint/style/noProcessEnv: the one place of this command that reads the environment
  return readConfig(schema, process.env, { warn: () => {} }).SEMBLANCE_DATA
}

/** A backup that was killed left them. They hold biometric data, and nobody would miss them. */
async function clearPartials(backups: string): Promise<void> {
  const names = (await readdir(backups)).filter((name) => name.startsWith(PARTIAL))
  for (const name of names) await rm(join(backups, name), { recursive: true, force: true })
}

interface Filling {
  readonly from: string
  readonly to: string
  readonly earlier: string | null
  readonly signal: AbortSignal
}

async function fill(filling: Filling): Promise<{
  readonly summary: Pick<BackupSummary, 'database' | 'pictures'>
  readonly copied: Copied
}> {
  const database = join(filling.to, DATABASE_FILE)
  await copyDatabase(join(filling.from, DATABASE_FILE), database)
  const records = openSqliteInspector(database)
  try {
    const select = async (ids: readonly string[]) => {
      const states = await records.findStates({ kind: 'image', ids })
      return new Set(ids.filter((id) => states.has(id) && !isDeleted(states.get(id))))
    }
    const copied = await copyPictures({ ...filling, select })
    const { files, bytes } = copied
    return { summary: { database: await sumOfFile(database), pictures: { files, bytes } }, copied }
  } finally {
    await records.close()
  }
}

function isDeleted(state: string | undefined): boolean {
  return state === 'deleting' || state === 'gone' || state === 'erased'
}
