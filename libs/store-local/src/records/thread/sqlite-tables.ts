import { existsSync, rmSync, statSync } from 'node:fs'
import type { Damage } from '@semblance/core'
import SqliteDatabase, { type Database } from 'better-sqlite3'
import { effectOf, isErasure, type PortName } from '../store-calls.ts'
import type { StoreAnswer, StoreCall, StoreFault } from '../store-messages.ts'
import { FreeSpace } from './free-space.ts'
import { ForeignDatabase, openDatabase } from './open-database.ts'
import { type AllRows, rowsOver } from './store-rows.ts'

/** How long a checkpoint waits for readers of other processes; the calls that come meanwhile wait, too. */
const READERS_MS = 50
/** better-sqlite3's own: how long a transaction waits for another connection. */
const BUSY_MS = 5_000

/** The codes of a full disk: of the log, its index in shared memory, the database. */
const DISK_FULL = /^(SQLITE_FULL|SQLITE_IOERR_(WRITE|SHM)|ENOSPC)/

/** Between two looks: a table full of bad records must not fill the memory. */
const MOST_NOTED = 10_000

export interface SqliteFiles {
  readonly file: string
  /** Removed when the disk is full and something is to be written that adds nothing; see `DiskRoom`. */
  readonly reserveFile?: string | null
}

export function openSqliteTables({ file, reserveFile }: SqliteFiles): SqliteTables {
  return new SqliteTables(openDatabase(file), reserveFile)
}

/** The record store without its thread: answers whole batches of calls, synchronously. */
export class SqliteTables {
  readonly #db: Database
  readonly #rows: AllRows
  readonly #freeSpace: FreeSpace
  readonly #reserveFile: string | null
  // Whatever an earlier process left in the log may be an erasure that it did not finish.
  #hasErasures = true
  #damaged: Damage[] = []

  constructor(db: Database, reserveFile: string | null = null) {
    this.#db = db
    this.#reserveFile = reserveFile
    // SQLite would carry the log over and leave its bytes there, to be overwritten by and by.
    db.pragma('wal_autocheckpoint = 0')
    this.#rows = rowsOver(db, (damage) => this.#note(damage))
    this.#freeSpace = new FreeSpace(db.name, db.pragma('page_size', { simple: true }) as number)
  }

  /** Something was erased; the pages it stood on may still be in the write-ahead log. */
  get hasErasures(): boolean {
    return this.#hasErasures
  }

  get logBytes(): number {
    return statSync(`${this.#db.name}-wal`, { throwIfNoEntry: false })?.size ?? 0
  }

  /**
   * Reads come first, outside the transaction: they see what was acknowledged and nothing that might be undone.
   * All writes share one commit, so one wait for the disk; each has its own savepoint, so one that fails takes
   * no other with it. If the commit itself fails, none of them happened.
   */
  answer(calls: readonly StoreCall[]): readonly StoreAnswer[] {
    if (calls.some(needsPlace) && !this.#freeSpace.isInPlace(this.#db.name)) {
      const [lost, others] = [calls.filter(needsPlace), calls.filter((call) => !needsPlace(call))]
      return [...others.map((call) => this.#attempt(call)), ...lost.map(lostPlace)]
    }
    const reads = calls.filter(({ name }) => effectOf(name) === 'reads')
    const writes = calls.filter(({ name }) => effectOf(name) !== 'reads')
    return [...reads.map((call) => this.#attempt(call)), ...this.#commit(writes)]
  }

  /** Records that could not be used since the last time. */
  takeDamaged(): readonly Damage[] {
    const damaged = this.#damaged
    this.#damaged = []
    return damaged
  }

  /**
   * Moves the write-ahead log into the database and empties it; what was erased is then in neither. False if a reader
   * of another process is in the way.
   */
  checkpoint(): boolean {
    try {
      return this.#emptyLog()
    } catch (error) {
      if (!this.#makeRoom(error)) throw error
      return this.#emptyLog()
    }
  }

  #emptyLog(): boolean {
    this.#freeSpace.noteLog(`${this.#db.name}-wal`)
    this.#db.pragma(`busy_timeout = ${READERS_MS}`)
    try {
      if (!this.#carryOver('FULL')) return false
      // The wipe comes in between: after a crash here the log is still there, and names the pages again.
      this.#freeSpace.wipe()
      if (!this.#carryOver('TRUNCATE')) return false
    } finally {
      this.#db.pragma(`busy_timeout = ${BUSY_MS}`)
    }
    this.#hasErasures = false
    return true
  }

  close(): void {
    try {
      this.checkpoint()
    } finally {
      this.#db.close()
      this.#freeSpace.close()
    }
  }

  #carryOver(how: 'FULL' | 'TRUNCATE'): boolean {
    const [done] = this.#db.pragma(`wal_checkpoint(${how})`) as { readonly busy: number }[]
    return done?.busy === 0
  }

  #note(damage: Damage): void {
    if (this.#damaged.length < MOST_NOTED) this.#damaged.push(damage)
  }

  #commit(calls: readonly StoreCall[]): readonly StoreAnswer[] {
    try {
      return this.#transact(calls)
    } catch (error) {
      const failing = ({ ticket }: StoreCall) => ({ ticket, fault: faultOf(error) })
      if (!this.#makeRoom(error)) return calls.map(failing)
      // The reserve is for the others.
      const isAddition = ({ name }: StoreCall) => effectOf(name) === 'adds'
      const others = calls.filter((call) => !isAddition(call))
      return [...calls.filter(isAddition).map(failing), ...this.#commit(others)]
    }
  }

  /** Throws if nothing was written. */
  #transact(calls: readonly StoreCall[]): readonly StoreAnswer[] {
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
      throw error
    }
  }

  /**
   * Says whether there is more room now than when this error came: the disk was full, and the reserve was still
   * there.
   */
  #makeRoom(error: unknown): boolean {
    if (this.#reserveFile === null || !DISK_FULL.test(faultOf(error).code ?? '')) return false
    const isThere = existsSync(this.#reserveFile)
    rmSync(this.#reserveFile, { force: true })
    return isThere
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
      return { ticket: call.ticket, fault: null, value: answerFrom(this.#rows, call) }
    } catch (error) {
      return { ticket: call.ticket, fault: faultOf(error) }
    }
  }
}

function answerFrom(rows: AllRows, { name, args, nowMs }: StoreCall): unknown {
  const [port, method] = name.split('.') as [PortName, string]
  const behind = rows[port] as unknown as Readonly<Record<string, (...all: unknown[]) => unknown>>
  if (behind[method] === undefined) throw new Error(`the store has no call ${name}`)
  return behind[method](...args, nowMs)
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
  // The code is the file system's where SQLite did not have the file yet (EACCES, ENOSPC and so on).
  const code = error instanceof Error && 'code' in error ? error.code : null
  return typeof code === 'string' ? code : null
}

/** What must not be promised once the file has gone: that something is kept, and that the store is well. */
function needsPlace({ name }: StoreCall): boolean {
  return name === 'store.check' || effectOf(name) !== 'reads'
}

function lostPlace({ ticket }: StoreCall): StoreAnswer {
  const message = 'its file was removed or replaced while the server was running; start the server again'
  return { ticket, fault: { message, code: 'REMOVED', foreign: false } }
}
