import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { dataUnreadable, type ImageId } from '@semblance/core'
import SqliteDatabase, { type Database } from 'better-sqlite3'
import { readSchemaVersion } from './sqlite-inspector.ts'

/** More than any database has: SQLite begins anew whenever somebody else writes between two steps. */
const ALL_PAGES = 0x7fffffff

/**
 * Is told which staged pictures rows of imports wait for at the very moment that is to be copied, before it is copied. Answers
 * false if another moment is to be taken.
 */
export type AcceptMoment = (staged: readonly ImageId[]) => Promise<boolean>

/**
 * Writes the store as it is at one moment to a new file, which is durable once this resolves; a server may be at work on
 * it. The copy is one file without a log beside it. Answers false, and makes no file, if the moment was not accepted. Throws
 * E_DATA_UNREADABLE for a file that is none of ours.
 */
export async function copyDatabase(file: string, target: string, accept?: AcceptMoment): Promise<boolean> {
  const { found, known } = readSchemaVersion(file)
  try {
    const db = new SqliteDatabase(file, { readonly: true, fileMustExist: true })
    try {
      // One transaction, so that the pages which are copied are those of the moment that is asked about.
      db.exec('BEGIN')
      if (accept !== undefined && !(await accept(found === known ? stagedIn(db) : []))) return false
      // The file is made by us first, because SQLite would let everybody read it.
      await (await open(target, 'wx', 0o600)).close()
      await db.backup(target, { progress: () => ALL_PAGES })
    } finally {
      db.close()
    }
    leaveNoLog(target)
  } catch (error) {
    if (!(error instanceof SqliteDatabase.SqliteError)) throw error
    throw dataUnreadable(dirname(file), `its database cannot be copied (${error.message})`, error)
  }
  const handle = await open(target, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
  return true
}

function stagedIn(db: Database): readonly ImageId[] {
  return db.prepare<[], ImageId>(STAGED).pluck().all()
}

const STAGED = 'SELECT stagedId FROM importRows WHERE stagedId IS NOT NULL'

/** Reading a database with a log makes files beside it, which a backup must not get. The next start of a server has one again. */
function leaveNoLog(file: string): void {
  const copy = new SqliteDatabase(file)
  copy.pragma('journal_mode = DELETE')
  copy.close()
}
