import {
  faultOfGroup,
  GROUP_TOMBSTONE,
  type Group,
  type GroupChanges,
  type GroupId,
  type GroupMove,
  type ObserveDamage,
  type PageOfIds,
  type PageRequest,
  type PersonId,
  withoutDamaged,
} from '@semblance/core'
import type { Database, Statement } from 'better-sqlite3'
import type { RowsOf, StoredGroups } from '../store-calls.ts'
import { NO_CURSOR } from './no-cursor.ts'

const GROUP_COLUMNS = 'id, name, metadata, createdAt, state'

/** Groups and who names them. Synchronous: runs on the store's own thread. */
export class GroupRows implements RowsOf<StoredGroups> {
  readonly #insert: Statement
  readonly #find: Statement<[string], Group>
  readonly #findMany: Statement<[string], Group>
  readonly #update: Statement
  readonly #move: Statement
  readonly #bury: Statement
  readonly #listIds: Statement<unknown[], GroupId>
  readonly #countLive: Statement
  readonly #listMembers: Statement
  readonly #countMembers: Statement
  readonly #onDamage: ObserveDamage

  constructor(db: Database, onDamage: ObserveDamage) {
    this.#onDamage = onDamage
    this.#insert = db.prepare(`INSERT INTO galleryGroups (${GROUP_COLUMNS}, touchedAt)
      VALUES (:id, :name, :metadata, :createdAt, :state, :touchedAt) ON CONFLICT (id) DO NOTHING`)
    this.#find = db.prepare(`SELECT ${GROUP_COLUMNS} FROM galleryGroups WHERE id = ?`)
    this.#findMany = db.prepare(
      `SELECT ${GROUP_COLUMNS} FROM galleryGroups WHERE id IN (SELECT value FROM json_each(?))`,
    )
    this.#update = db.prepare(`UPDATE galleryGroups SET name = coalesce(:name, name),
      metadata = coalesce(:metadata, metadata), touchedAt = :nowMs WHERE id = :id AND state = 'live'`)
    this.#move = db.prepare(`UPDATE galleryGroups SET state = :to, touchedAt = :nowMs
      WHERE id = :id AND state IN (SELECT value FROM json_each(:from))`)
    this.#bury = db.prepare(`UPDATE galleryGroups SET state = :to, touchedAt = :nowMs, name = :name,
      metadata = :metadata WHERE id = :id AND state IN (SELECT value FROM json_each(:from))`)
    this.#listIds = db
      .prepare<unknown[], GroupId>(
        `SELECT id FROM galleryGroups WHERE state = 'live' AND id < ? ORDER BY id DESC LIMIT ? OFFSET ?`,
      )
      .pluck()
    this.#countLive = db.prepare(`SELECT count(*) FROM galleryGroups WHERE state = 'live' AND id < ?`).pluck()
    this.#listMembers = db
      .prepare('SELECT personId FROM members WHERE groupId = ? AND personId > ? ORDER BY personId LIMIT ?')
      .pluck()
    this.#countMembers = db
      .prepare(`SELECT count(*) FROM members
      WHERE groupId = ? AND live = 1 AND (expireAt IS NULL OR expireAt > ?)`)
      .pluck()
  }

  insert(group: Group, nowMs: number): boolean {
    return this.#insert.run({ ...group, touchedAt: nowMs }).changes === 1
  }

  find(id: GroupId): Group | null {
    const row = this.#find.get(id)
    return row === undefined ? null : (this.#readable([row])[0] ?? null)
  }

  findMany(ids: readonly GroupId[]): readonly Group[] {
    return this.#readable(this.#findMany.all(JSON.stringify(ids)))
  }

  update(id: GroupId, changes: GroupChanges, nowMs: number): boolean {
    const values = { id, name: changes.name ?? null, metadata: changes.metadata ?? null, nowMs }
    return this.#update.run(values).changes === 1
  }

  move(id: GroupId, move: GroupMove, nowMs: number): boolean {
    const values = { id, nowMs, from: JSON.stringify(move.from), to: move.to }
    if (move.to !== 'gone') return this.#move.run(values).changes === 1
    return this.#bury.run({ ...values, ...GROUP_TOMBSTONE }).changes === 1
  }

  findPage({ cursor = NO_CURSOR, page, size }: PageRequest): PageOfIds<GroupId> {
    const ids = this.#listIds.all(cursor, size, (page - 1) * size)
    return { ids, total: this.#countLive.get(cursor) as number }
  }

  listMembers(query: {
    readonly groupId: GroupId
    readonly after: PersonId | null
    readonly limit: number
  }): readonly PersonId[] {
    return this.#listMembers.all(query.groupId, query.after ?? '', query.limit) as PersonId[]
  }

  countMembers(query: { readonly groupId: GroupId; readonly nowMs: number }): number {
    return this.#countMembers.get(query.groupId, query.nowMs) as number
  }

  #readable(rows: readonly Group[]): readonly Group[] {
    return withoutDamaged(rows, { kind: 'group', faultOf: faultOfGroup, onDamage: this.#onDamage })
  }
}
