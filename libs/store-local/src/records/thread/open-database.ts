import { closeSync, openSync, statSync } from 'node:fs'
import SqliteDatabase, { type Database } from 'better-sqlite3'
import { APPLICATION_ID, migrate, SCHEMA_VERSION } from './schema.ts'

/** The file is there, but it is not a record store that this version can read. */
export class ForeignDatabase extends Error {}

/**
 * 8 KiB: three records with a 2 KiB descriptor share a page; at SQLite's own 4 KiB each would waste almost half.
 * Takes effect in a new file only.
 */
const PAGE_BYTES = 8192

export function openDatabase(file: string): Database {
  // The file is made by us first, because SQLite would let everybody read it; the WAL inherits these permissions.
  closeSync(openSync(file, 'a', 0o600))
  const isNew = statSync(file).size === 0
  const db = new SqliteDatabase(file)
  try {
    if (!isNew) refuseForeign(db)
    prepareConnection(db)
    migrate(db)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function refuseForeign(db: Database): void {
  const applicationId = db.pragma('application_id', { simple: true })
  const version = db.pragma('user_version', { simple: true }) as number
  const tables = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get()
  // A crash between making the file and the first migration leaves an empty database: ours to fill.
  if (applicationId === 0 && version === 0 && tables === 0) return
  if (applicationId !== APPLICATION_ID) throw new ForeignDatabase('it holds a database of another program')
  if (version > SCHEMA_VERSION) {
    throw new ForeignDatabase(
      `it was written by a newer version (schema ${version}, this one knows ${SCHEMA_VERSION})`,
    )
  }
}

function prepareConnection(db: Database): void {
  db.pragma(`page_size = ${PAGE_BYTES}`)
  db.pragma('journal_mode = WAL')
  // FULL: a commit is on the disk before it is answered; NORMAL would lose the last ones with the power.
  db.pragma('synchronous = FULL')
  // macOS answers an ordinary fsync before the disk has it.
  db.pragma('fullfsync = ON')
  db.pragma('checkpoint_fullfsync = ON')
  // Erased descriptors must not live on in free pages, nor anything in temporary files.
  db.pragma('secure_delete = ON')
  db.pragma('temp_store = MEMORY')
}
