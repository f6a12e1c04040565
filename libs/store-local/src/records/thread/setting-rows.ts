import type { GroupId, PackId, SettingRecords } from '@semblance/core'
import type { Database, Statement } from 'better-sqlite3'
import type { RowsOf } from '../store-calls.ts'

const DEFAULT_GROUP = 'defaultGroup'
const PACK = 'pack'
const CURSOR_KEY = 'cursorKey'

/** What belongs to the gallery as a whole. Synchronous: runs on the store's own thread. */
export class SettingRows implements RowsOf<SettingRecords> {
  readonly #read: Statement
  readonly #insert: Statement
  readonly #change: Statement

  constructor(db: Database) {
    this.#read = db.prepare('SELECT value FROM settings WHERE key = ?').pluck()
    this.#insert = db.prepare('INSERT INTO settings VALUES (?, ?) ON CONFLICT DO NOTHING')
    this.#change = db.prepare('UPDATE settings SET value = ? WHERE key = ? AND value = ?')
  }

  readDefaultGroup(): GroupId | null {
    return (this.#read.get(DEFAULT_GROUP) as GroupId | undefined) ?? null
  }

  setDefaultGroup(change: { readonly expected: GroupId | null; readonly next: GroupId }): boolean {
    if (change.expected === null) return this.#insert.run(DEFAULT_GROUP, change.next).changes === 1
    return this.#change.run(change.next, DEFAULT_GROUP, change.expected).changes === 1
  }

  readPack(): PackId | null {
    return (this.#read.get(PACK) as PackId | undefined) ?? null
  }

  claimPack(packId: PackId): PackId {
    this.#insert.run(PACK, packId)
    return this.#read.get(PACK) as PackId
  }

  claimCursorKey(key: string): string {
    this.#insert.run(CURSOR_KEY, key)
    return this.#read.get(CURSOR_KEY) as string
  }
}
