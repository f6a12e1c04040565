import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { amount, type Finding, verifyGallery } from '@semblance/core'
import { syncFolder } from '@semblance/files'
import { type DataFolderLock, lockDataFolder } from '@semblance/store-local'
import { EXIT } from '../command/exit-codes.ts'
import { goneAtExit } from '../command/gone-at-exit.ts'
import { type Progress, SILENT, showFiles, withProgress } from '../command/progress.ts'
import type { CommandResult } from '../command/server-action.ts'
import { CommandFault, wrongUse } from '../server/command-fault.ts'
import { FindingReport } from '../verify/finding-report.ts'
import { verifiedResult } from '../verify/verify-stores.ts'
import { withDataFolder } from '../verify/with-data-folder.ts'
import {
  type BackupSummary,
  DATABASE_FILE,
  databaseFileOf,
  isAbsent,
  PICTURE_FOLDERS,
  readSummary,
  requireDatabase,
  requireKey,
} from './backup-folder.ts'
import type { BackupKey } from './backup-key.ts'
import { copyPictures, plainCopy, unsealedCopy } from './copy-pictures.ts'

export interface Restored {
  /** Its folder. */
  readonly backup: string
  /** The data folder to make. */
  readonly data: string
  /** Null for a backup that is not encrypted. */
  readonly key?: BackupKey | null
  /** Makes what is told how many pictures are copied, and then compared. */
  readonly openProgress?: (done: string) => Progress
}

/**
 * Copies a backup into a data folder that is absent or empty, then verifies the copy. The database gets its name last:
 * until then there are pictures without records, on which no server starts. The folder is locked all the while, as by a
 * server, so that none makes an empty gallery there. Tells what was verified.
 */
export async function restore(
  { backup, data, key = null, openProgress = () => SILENT }: Restored,
  signal: AbortSignal,
): Promise<CommandResult> {
  const summary = await readSummary(backup)
  if (summary === null)
    throw wrongUse(`${backup} is no whole backup; name the folder of one, which has a backup.json in it`)
  requireKey(backup, summary, key)
  const to = resolve(data)
  await requireEmpty(to)
  const lock = await claim(to)
  try {
    await withProgress(openProgress('copied'), (progress) =>
      fillFolder({ backup, to, summary, key, progress, signal }),
    )
    const report = new FindingReport()
    const onFinding = (finding: Finding) => report.add(finding)
    const total = summary.pictures.files
    const verified = await withProgress(openProgress('compared'), (progress) =>
      withDataFolder({ data: to, signal }, (folder) => {
        const onProgress = (done: number) => progress.update({ done, total: Math.max(total, done) })
        return verifyGallery({ ...folder, onFinding, onProgress })
      }),
    )
    const { lines, ...result } = verifiedResult({ restored: to, at: summary.at, ...verified }, report)
    return { ...result, lines: [to, ...lines] }
  } finally {
    await lock.release()
  }
}

/** A restore that fails leaves the folder empty. */
async function fillFolder(restoring: Restoring): Promise<void> {
  const made = MADE.map((name) => join(restoring.to, name))
  const haveGone = made.map(goneAtExit)
  try {
    await copyBackup(restoring)
  } catch (fault) {
    for (const path of made) await rm(path, { recursive: true, force: true })
    if (fault instanceof CommandFault && fault.exitCode === EXIT.found)
      throw new CommandFault(`${fault.message}; nothing was restored`)
    throw fault
  } finally {
    for (const hasGone of haveGone) hasGone()
  }
}

async function requireEmpty(folder: string): Promise<void> {
  const names = await readdir(folder).catch((fault: unknown) => {
    if (isAbsent(fault)) return []
    throw fault
  })
  if (names.some((name) => !LOCK_FILES.includes(name))) throw notEmpty(folder)
}

/** What a lock makes in the folder. */
const LOCK_FILES: readonly string[] = ['lock.sqlite', 'lock.pid']

/** What a restore makes in the folder. That by which it claims the folder goes last. */
const MADE = [
  `${DATABASE_FILE}.partial`,
  DATABASE_FILE,
  ...PICTURE_FOLDERS.filter((name) => name !== PICTURE_FOLDERS[0]),
  PICTURE_FOLDERS[0],
  ...LOCK_FILES,
]

/** Of two restores that found the folder empty at the same time, or a restore and a server, one has it. */
async function claim(folder: string): Promise<DataFolderLock> {
  const lock = await lockDataFolder(folder).catch((fault: unknown) => {
    const isHeld = fault instanceof Error && 'code' in fault && fault.code === 'E_DATA_LOCKED'
    throw isHeld ? notEmpty(folder) : fault
  })
  try {
    // Somebody may have had the folder, and have left it, since it was found empty.
    await requireEmpty(folder)
    await mkdir(join(folder, PICTURE_FOLDERS[0]), { mode: 0o700 })
    return lock
  } catch (fault) {
    await lock.release()
    throw fault
  }
}

function notEmpty(folder: string): CommandFault {
  return wrongUse(`${folder} is not empty, and a restore writes over nothing: name a new folder`)
}

interface Restoring {
  readonly backup: string
  readonly to: string
  readonly summary: BackupSummary
  readonly key: BackupKey | null
  readonly progress: Progress
  readonly signal: AbortSignal
}

async function copyBackup({ backup, to, summary, key, progress, signal }: Restoring): Promise<void> {
  await makeParts(join(to, PICTURE_FOLDERS[0]))
  const stored = join(backup, databaseFileOf(key))
  await requireDatabase(stored, { backup, summary })
  const form = key === null ? plainCopy : unsealedCopy(key)
  const { files, bytes } = summary.pictures
  const onFile = showFiles(progress, files)
  const copied = await copyPictures({ from: backup, to, earlier: null, form, onFile, signal })
  if (copied.files !== files || copied.bytes !== bytes) {
    const found = `${amount(copied.files, 'picture')} of ${amount(copied.bytes, 'byte')}, not ${files} of ${bytes}`
    throw new CommandFault(`the backup ${backup} is damaged: it has ${found}`)
  }
  const partial = join(to, `${DATABASE_FILE}.partial`)
  await form.copy({ source: stored, target: partial, name: DATABASE_FILE })
  await rename(partial, join(to, DATABASE_FILE))
  await syncFolder(to)
}

/** A store of pictures has all of its folders, also those without a picture, of which a backup has none. */
async function makeParts(folder: string): Promise<void> {
  const parts = Array.from({ length: 256 }, (_, part) => part.toString(16).padStart(2, '0'))
  await Promise.all(parts.map((part) => mkdir(join(folder, part), { recursive: true, mode: 0o700 })))
}
