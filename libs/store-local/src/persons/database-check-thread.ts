/** The thread behind `checkDatabaseFile`: reading a whole file here holds nobody up. */
import { parentPort, workerData } from 'node:worker_threads'
import SqliteDatabase from 'better-sqlite3'

/** SQLite stops looking after so many. */
const MOST_FAULTS = 100

const { file } = workerData as { readonly file: string }
parentPort?.postMessage(faultsOf(file))

function faultsOf(path: string): readonly string[] {
  try {
    const db = new SqliteDatabase(path, { readonly: true, fileMustExist: true })
    try {
      const rows = db.pragma(`quick_check(${MOST_FAULTS})`) as readonly { readonly quick_check: string }[]
      return rows.map(({ quick_check: fault }) => fault).filter((fault) => fault !== 'ok')
    } finally {
      db.close()
    }
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}
