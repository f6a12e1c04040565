/** The thread behind `checkDatabaseFile`: reading a whole file here holds nobody up. */
import { parentPort, workerData } from 'node:worker_threads'
import SqliteDatabase from 'better-sqlite3'
import type { CheckedDatabase } from '../main/check-database-file.ts'
import { areEnrolledCountsRight, repairEnrolledCounts } from './enrolled-counts.ts'

/** SQLite stops looking after so many. */
const MOST_FAULTS = 100

const { file } = workerData as { readonly file: string }
parentPort?.postMessage(check(file))

function check(path: string): CheckedDatabase {
  try {
    const { faults, areCountsRight } = look(path)
    // A file that is damaged is not written to here.
    return { faults, isRecounted: faults.length === 0 && !areCountsRight && recount(path) }
  } catch (error) {
    return { faults: [error instanceof Error ? error.message : String(error)], isRecounted: false }
  }
}

function look(path: string): { readonly faults: readonly string[]; readonly areCountsRight: boolean } {
  const db = new SqliteDatabase(path, { readonly: true, fileMustExist: true })
  try {
    const rows = db.pragma(`quick_check(${MOST_FAULTS})`) as readonly { readonly quick_check: string }[]
    const faults = rows.map(({ quick_check: fault }) => fault).filter((fault) => fault !== 'ok')
    return { faults, areCountsRight: faults.length > 0 || areEnrolledCountsRight(db) }
  } finally {
    db.close()
  }
}

function recount(path: string): boolean {
  const db = new SqliteDatabase(path, { fileMustExist: true })
  try {
    // The store carries its log over by itself, and wipes what was erased meanwhile.
    db.pragma('wal_autocheckpoint = 0')
    db.pragma('synchronous = FULL')
    return repairEnrolledCounts(db)
  } finally {
    db.close()
  }
}
