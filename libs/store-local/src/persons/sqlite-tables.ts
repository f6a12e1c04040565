import SqliteDatabase, { type Database } from 'better-sqlite3'
import { ForeignDatabase, openDatabase } from './open-database.ts'
import type { StoreAnswer, StoreCall, StoreFault } from './store-call.ts'
import { operationsOver, type StoreOperations, WRITES } from './store-operations.ts'

type AnyOperation = (nowMs: number, args: readonly unknown[]) => unknown

export function openSqliteTables(file: string): SqliteTables {
  return new SqliteTables(openDatabase(file))
}

/** The person store without its thread: answers whole batches of calls, synchronously. */
export class SqliteTables {
  readonly #db: Database
  readonly #operations: StoreOperations
  #hasErasures = false

  constructor(db: Database) {
    this.#db = db
    this.#operations = operationsOver(db)
  }

  /**
   * Reads come first, outside the transaction: they see what was acknowledged and nothing that might be undone.
   * All writes share one commit, so one wait for the disk; each has its own savepoint, so one that fails takes
   * no other with it. If the commit itself fails, none of them happened.
   */
  answer(calls: readonly StoreCall[]): readonly StoreAnswer[] {
    const reads = calls.filter((call) => !WRITES.has(call.name))
    const writes = calls.filter((call) => WRITES.has(call.name))
    return [...reads.map((call) => this.#attempt(call)), ...this.#commit(writes)]
  }

  /** True once after something was erased; the pages it stood on may still be in the write-ahead log. */
  takeErasures(): boolean {
    const had = this.#hasErasures
    this.#hasErasures = false
    return had
  }

  /** Moves the write-ahead log into the database and empties it. */
  checkpoint(): void {
    this.#db.pragma('wal_checkpoint(TRUNCATE)')
  }

  close(): void {
    this.checkpoint()
    this.#db.close()
  }

  #commit(calls: readonly StoreCall[]): readonly StoreAnswer[] {
    if (calls.length === 0) return []
    try {
      this.#db.exec('BEGIN IMMEDIATE')
      const answers = calls.map((call) => this.#attemptAlone(call))
      this.#db.exec('COMMIT')
      this.#hasErasures ||= calls.some(isErasure)
      return answers
    } catch (error) {
      // A full disk or a failed write may have ended the transaction already.
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK')
      return calls.map(({ ticket }) => ({ ticket, fault: faultOf(error) }))
    }
  }

  #attemptAlone(call: StoreCall): StoreAnswer {
    this.#db.exec('SAVEPOINT one')
    const answer = this.#attempt(call)
    if (answer.fault !== null) {
      if (!this.#db.inTransaction) throw new LostTransaction(answer.fault)
      this.#db.exec('ROLLBACK TO one')
    }
    this.#db.exec('RELEASE one')
    return answer
  }

  #attempt(call: StoreCall): StoreAnswer {
    try {
      const operation = this.#operations[call.name] as AnyOperation
      return { ticket: call.ticket, fault: null, value: operation(call.nowMs, call.args) }
    } catch (error) {
      return { ticket: call.ticket, fault: faultOf(error) }
    }
  }
}

/** SQLite undid the whole transaction, the calls before this one included. */
class LostTransaction extends Error {
  readonly fault: StoreFault

  constructor(fault: StoreFault) {
    super(fault.message)
    this.fault = fault
  }
}

export function faultOf(error: unknown): StoreFault {
  if (error instanceof LostTransaction) return error.fault
  const message = error instanceof Error ? error.message : String(error)
  return { message, code: codeOf(error), foreign: error instanceof ForeignDatabase }
}

function codeOf(error: unknown): string | null {
  if (error instanceof SqliteDatabase.SqliteError) return error.code
  // Of the file system, before SQLite had the file (EACCES, ENOSPC and so on).
  const code = error instanceof Error && 'code' in error ? error.code : null
  return typeof code === 'string' ? code : null
}

/** A move to `gone` stripped a descriptor or a name; an answer may have named anybody. */
function isErasure(call: StoreCall): boolean {
  if (call.name === 'forgetReplies') return true
  const change = call.args[1] as { readonly to?: string; readonly state?: string } | undefined
  return change?.to === 'gone' || change?.state === 'gone'
}
