import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { dataSettings } from '@semblance/config'
import { syncFolder, writeSynced } from '@semblance/files'
import { openSqliteInspector } from '@semblance/store-local'
import { z } from 'zod'
import { goneAtExit } from '../command/gone-at-exit.ts'
import { type Progress, showFiles } from '../command/progress.ts'
import { readEnvironment } from '../command/read-environment.ts'
import { requireDataFolder } from '../command/require-data-folder.ts'
import { wrongUse } from '../server/command-fault.ts'
import { aloneIn } from './alone-in.ts'
import {
  type BackupSummary,
  DATABASE_FILE,
  databaseFileOf,
  isLeftover,
  nameOfTime,
  PARTIAL,
  SUMMARY_FILE,
  summaryText,
  sumOfFile,
  type WholeBackup,
  wholeBackups,
} from './backup-folder.ts'
import type { BackupKey } from './backup-key.ts'
import { copyAtMoment } from './copy-at-moment.ts'
import { withFolderBeside } from './copy-beside.ts'
import {
  type Copied,
  copyPictures,
  countPictures,
  type PictureCopy,
  plainCopy,
  sealedCopy,
} from './copy-pictures.ts'
import { outdated, type Retention, removeBackup } from './retention.ts'
import { sealFile } from './sealed-file.ts'

const schema = z.object({ SEMBLANCE_DATA: dataSettings.SEMBLANCE_DATA })

export interface BackingUp {
  /** The folder of all backups. */
  readonly backups: string
  /** Undefined: the one of the environment. */
  readonly data: string | undefined
  /** Null: nothing is encrypted. */
  readonly key?: BackupKey | null
  readonly retention?: Retention
  /** Told how many pictures are copied. */
  readonly progress?: Progress
}

export interface MadeBackup extends Pick<BackupSummary, 'at' | 'database' | 'pictures'> {
  /** The folder of the backup. */
  readonly backup: string
  readonly isEncrypted: boolean
  /** Pictures that are hard links to those of the backup before. */
  readonly linked: number
  /** Folders of older backups that no rule keeps, which are removed. */
  readonly removed: readonly string[]
}

/**
 * Makes a backup beside the earlier ones in `backups`, which has its name only once it is whole. The database comes with
 * the pictures that its rows of imports wait for, and before those of its images: what it says of a picture is true of the
 * file that is copied after it, or the picture was deleted meanwhile. Then it removes what the rules do not keep. Answers
 * what the backup holds.
 */
export async function backUp(backing: BackingUp, signal: AbortSignal): Promise<MadeBackup> {
  const from = resolve(backing.data ?? dataOfEnvironment())
  await requireDataFolder(from)
  await mkdir(backing.backups, { recursive: true, mode: 0o700 })
  return aloneIn(backing.backups, () => make(from, backing, signal))
}

async function make(
  from: string,
  { backups, key = null, retention = {}, progress }: BackingUp,
  signal: AbortSignal,
): Promise<MadeBackup> {
  const [newest = null] = await wholeBackups(backups)
  requireSameKey(newest, key)
  await clearLeftovers(backups)
  const at = new Date().toISOString()
  const name = nameOfTime(at)
  const partial = resolve(backups, `${PARTIAL}${name}`)
  const hasGone = goneAtExit(partial)
  await mkdir(partial, { mode: 0o700 })
  try {
    const { contents, linked } = await fill({
      from,
      to: partial,
      earlier: earlierFor(newest, key),
      key,
      onFile: progress && showFiles(progress, await countPictures(from)),
      signal,
    })
    await writeSynced(join(partial, SUMMARY_FILE), summaryText({ at, ...contents }, key), 0o600)
    await syncFolder(partial)
    await rename(partial, resolve(backups, name))
    await syncFolder(backups)
    const removed = await removeOutdated(backups, { made: name, rules: retention })
    return { backup: resolve(backups, name), at, ...contents, isEncrypted: key !== null, linked, removed }
  } catch (fault) {
    await rm(partial, { recursive: true, force: true })
    throw fault
  } finally {
    hasGone()
  }
}

function dataOfEnvironment(): string {
  return readEnvironment(schema).SEMBLANCE_DATA
}

/** A forgotten key must not put everything there in the clear; two keys in one folder would be mixed up. */
function requireSameKey(newest: WholeBackup | null, key: BackupKey | null): void {
  if (newest === null || newest.summary.version === 1) return
  if (key === null)
    throw wrongUse(`the newest backup there, ${newest.path}, is encrypted: give its key by --key-file`)
  if (key.id !== newest.summary.encryption.keyId)
    throw wrongUse(
      `the newest backup there, ${newest.path}, is encrypted with another key: take another folder for a new key`,
    )
}

/** Files of another form cannot be linked to. */
function earlierFor(newest: WholeBackup | null, key: BackupKey | null): string | null {
  return newest !== null && (newest.summary.version === 1) === (key === null) ? newest.path : null
}

/** A backup or removal that was killed left them. They hold biometric data, and nobody would miss them. */
async function clearLeftovers(backups: string): Promise<void> {
  for (const name of (await readdir(backups)).filter(isLeftover))
    await rm(join(backups, name), { recursive: true, force: true })
}

/** What was made just now stays whatever the rules say: after a clock that was wrong, others seem to be newer. */
async function removeOutdated(
  backups: string,
  { made, rules }: { readonly made: string; readonly rules: Retention },
): Promise<readonly string[]> {
  const leaving = outdated(await wholeBackups(backups), rules).filter(({ path }) => basename(path) !== made)
  for (const backup of leaving) await removeBackup(backup)
  return leaving.map(({ path }) => basename(path))
}

interface Filling {
  readonly from: string
  readonly to: string
  readonly earlier: string | null
  readonly key: BackupKey | null
  readonly onFile: (() => void) | undefined
  readonly signal: AbortSignal
}

interface Filled {
  readonly contents: Pick<BackupSummary, 'database' | 'pictures'>
  readonly linked: number
}

async function fill(filling: Filling): Promise<Filled> {
  const { from, to, key } = filling
  const stored = join(to, databaseFileOf(key))
  if (key === null) {
    const staged = await copyAtMoment(pictureCopyOf(filling), stored)
    return fillPictures(filling, { database: stored, stored, staged })
  }
  return withFolderBeside(from, async (folder) => {
    const database = join(folder, DATABASE_FILE)
    const staged = await copyAtMoment(pictureCopyOf(filling), database)
    await sealFile(database, stored, { key, name: DATABASE_FILE })
    return fillPictures(filling, { database, stored, staged })
  })
}

function pictureCopyOf({ from, to, earlier, key, onFile, signal }: Filling): PictureCopy {
  return { from, to, earlier, form: key === null ? plainCopy : sealedCopy(key), onFile, signal }
}

interface Begun {
  /** A readable copy of what is `stored`. */
  readonly database: string
  readonly stored: string
  /** The pictures that rows of imports wait for. */
  readonly staged: Copied
}

async function fillPictures(filling: Filling, { database, stored, staged }: Begun): Promise<Filled> {
  const records = openSqliteInspector(database)
  try {
    const select = async (ids: readonly string[]) => {
      const states = await records.findStates({ kind: 'image', ids })
      return ids.filter((id) => states.has(id) && !isDeleted(states.get(id)))
    }
    const enrolled = await copyPictures({ ...pictureCopyOf(filling), select }, ['pictures'])
    const pictures = { files: enrolled.files + staged.files, bytes: enrolled.bytes + staged.bytes }
    const linked = enrolled.linked + staged.linked
    return { contents: { database: await sumOfFile(stored), pictures }, linked }
  } finally {
    await records.close()
  }
}

function isDeleted(state: string | undefined): boolean {
  return state === 'deleting' || state === 'gone' || state === 'erased'
}
