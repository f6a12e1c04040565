import type { GalleryPacks, GroupId, PackId, SettingRecords } from '@semblance/core'
import type { Database, Statement } from 'better-sqlite3'
import type { RowsOf } from '../store-calls.ts'

const DEFAULT_GROUP = 'defaultGroup'
const PACK = 'pack'
/** JSON: the other pack, and how often the packs were changed. */
const PACKS = 'packs'
const CURSOR_KEY = 'cursorKey'

/** What belongs to the gallery as a whole. Synchronous: runs on the store's own thread. */
export class SettingRows implements RowsOf<SettingRecords> {
  readonly #read: Statement
  readonly #insert: Statement
  readonly #change: Statement
  readonly #put: Statement

  constructor(db: Database) {
    this.#read = db.prepare('SELECT value FROM settings WHERE key = ?').pluck()
    this.#insert = db.prepare('INSERT INTO settings VALUES (?, ?) ON CONFLICT DO NOTHING')
    this.#put = db.prepare('INSERT OR REPLACE INTO settings VALUES (?, ?)')
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

  readPacks(): GalleryPacks | null {
    const serving = this.readPack()
    if (serving === null) return null
    const others = this.#read.get(PACKS) as string | undefined
    return { serving, ...(others === undefined ? { other: null, rev: 0 } : JSON.parse(others)) }
  }

  changePacks({ serving, other, rev }: GalleryPacks): boolean {
    if (this.readPacks()?.rev !== rev - 1) return false
    this.#put.run(PACK, serving)
    this.#put.run(PACKS, JSON.stringify({ other, rev }))
    return true
  }

  claimCursorKey(key: string): string {
    this.#insert.run(CURSOR_KEY, key)
    return this.#read.get(CURSOR_KEY) as string
  }
}
