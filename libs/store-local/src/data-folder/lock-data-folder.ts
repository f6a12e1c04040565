import { closeSync, openSync } from 'node:fs'
import { chmod, lstat, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { dataLocked, dataUnreadable, withinTime } from '@semblance/core'
import { makeFolders, syncFolder } from '@semblance/files'
import SqliteDatabase, { type Database } from 'better-sqlite3'

/** A disk that is there answers sooner, even one that has to spin up. */
const ANSWER_MS = 15_000

export interface DataFolderLock {
  release(): Promise<void>
}

/**
 * One process at a time in the folder, which is made if it is not there. The lock is an exclusive transaction that
 * stays open on `lock.sqlite`: under it lies a lock of the operating system, which ends with the process however
 * that dies, so nothing stale is ever left to clean up (a pid file would need that, and pids come back).
 * Throws E_DATA_LOCKED if another process has it, E_DATA_UNREADABLE if the folder cannot be written.
 */
export async function lockDataFolder(path: string): Promise<DataFolderLock> {
  const folder = resolve(path)
  const holderFile = join(folder, 'lock.pid')
  try {
    // A network file system that is away answers never; SQLite's own calls, which come after, would stop this thread.
    await withinTime(prepareFolder(folder), { limitMs: ANSWER_MS, late: () => silent(folder) })
    const lock = openLock(join(folder, 'lock.sqlite'))
    if (lock === null) throw dataLocked(`${folder}${await holderHint(holderFile)}`)
    // A hint for the message above, nothing more: the lock itself never reads it, and a full disk may be without it.
    await writeFile(holderFile, `${process.pid}\n`, { mode: 0o600 }).catch(() => {})
    return { release: () => releaseLock(lock, holderFile) }
  } catch (error) {
    throw isSystemFault(error) ? dataUnreadable(folder, error.message, error) : error
  }
}

/** The hint goes first: once the lock is free, the next holder may have written its own. */
async function releaseLock(lock: Database, holderFile: string): Promise<void> {
  await rm(holderFile, { force: true })
  lock.close()
}

function silent(folder: string): Error {
  return dataUnreadable(folder, `it has not answered for ${ANSWER_MS / 1_000} s`)
}

async function prepareFolder(folder: string): Promise<void> {
  const firstMade = await makeFolders(folder, 0o700)
  if (!(await stat(folder)).isDirectory()) throw dataUnreadable(folder, 'it is not a folder')
  // Opening a pipe that nobody writes to would wait for ever.
  for (const name of await readdir(folder)) {
    if (!name.includes('.sqlite')) continue
    if ((await isFile(join(folder, name))) === false)
      throw dataUnreadable(folder, `${name} in it is not a file`)
  }
  if (firstMade === undefined) return
  await chmod(folder, 0o700)
  await syncFolder(dirname(firstMade))
}

/** Undefined: it has gone. Whoever holds the folder works in it, and its journals come and go. */
async function isFile(path: string): Promise<boolean | undefined> {
  try {
    return (await stat(path)).isFile()
  } catch (fault) {
    const hasGone = (fault as NodeJS.ErrnoException).code === 'ENOENT' && !(await isLink(path))
    if (hasGone) return undefined
    throw fault
  }
}

/** A link that leads nowhere is still there. */
async function isLink(path: string): Promise<boolean> {
  return lstat(path).then(
    (stats) => stats.isSymbolicLink(),
    () => false,
  )
}

/** Answers null if another process holds the lock. */
function openLock(file: string): Database | null {
  closeSync(openSync(file, 'a', 0o600))
  const db = new SqliteDatabase(file, { timeout: 0 })
  try {
    db.pragma('locking_mode = EXCLUSIVE')
    // A journal beside it would be written at once, for which a full disk has no room.
    db.pragma('journal_mode = MEMORY')
    db.exec('BEGIN EXCLUSIVE')
    return db
  } catch (error) {
    db.close()
    if (error instanceof SqliteDatabase.SqliteError && error.code.startsWith('SQLITE_BUSY')) return null
    throw error
  }
}

async function holderHint(holderFile: string): Promise<string> {
  const pid = await readFile(holderFile, 'utf8').catch(() => '')
  return /^\d+$/.test(pid.trim()) ? ` (process ${pid.trim()})` : ''
}

function isSystemFault(error: unknown): error is Error & { readonly code: string } {
  if (error instanceof SqliteDatabase.SqliteError) return true
  return error instanceof Error && 'errno' in error
}
