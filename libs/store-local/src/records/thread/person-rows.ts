import {
  comparedName,
  faultOfMetadata,
  faultOfPerson,
  type GroupId,
  type MergedPerson,
  metadataTerms,
  type ObserveDamage,
  type PageOfIds,
  type PageRequest,
  PERSON_TOMBSTONE,
  type Person,
  type PersonAtRev,
  type PersonChanges,
  type PersonId,
  type PersonPlace,
  type PersonQuery,
  type SortedPersonQuery,
} from '@semblance/core'
import type { Database, Statement } from 'better-sqlite3'
import type { RowsOf, StoredPersons } from '../store-calls.ts'
import { breadthOf, personSelection, sortedSelection } from './person-selection.ts'

/** A person as SQLite holds it. */
export interface PersonRow extends Omit<Person, 'groups' | 'dirty' | 'mergedInto'> {
  readonly groupIds: string
  readonly dirty: number
  readonly mergedInto: PersonId | null
}

const COLUMNS =
  'externalId, metadata, groupIds, expireAt, createdAt, updatedAt, rev, state, dirty, mergedInto'
/** The name as it was sent; the column is what names are compared by. */
export const PERSON_COLUMNS = `id, coalesce(sentName, name) AS name, ${COLUMNS}`

/** Persons, with what lists of them are made from. Synchronous: runs on the store's own thread. */
export class PersonRows implements RowsOf<StoredPersons> {
  readonly #db: Database
  readonly #insert: Statement
  readonly #update: Statement
  readonly #clean: Statement
  readonly #find: Statement<[string], PersonRow>
  readonly #findMany: Statement<[string], PersonRow>
  readonly #listMerged: Statement<[string], MergedPerson>
  readonly #addMember: Statement
  readonly #dropMemberships: Statement
  readonly #addTerm: Statement
  readonly #dropTerms: Statement
  readonly #onDamage: ObserveDamage

  constructor(db: Database, onDamage: ObserveDamage = () => {}) {
    this.#db = db
    this.#onDamage = onDamage
    this.#insert = db.prepare(`INSERT INTO persons (id, name, sentName, ${COLUMNS}, touchedAt)
      VALUES (:id, :name, :sentName, :externalId, :metadata, :groupIds, :expireAt, :createdAt, :updatedAt, :rev, :state,
        :dirty, :mergedInto, :touchedAt) ON CONFLICT (id) DO NOTHING`)
    this.#update =
      db.prepare(`UPDATE persons SET name = :name, sentName = :sentName, externalId = :externalId, metadata = :metadata,
      groupIds = :groupIds, expireAt = :expireAt, createdAt = :createdAt, updatedAt = :updatedAt, rev = :rev, state = :state,
      dirty = :dirty, mergedInto = :mergedInto, touchedAt = :touchedAt WHERE id = :id`)
    this.#clean = db.prepare('UPDATE persons SET dirty = 0, touchedAt = ? WHERE id = ? AND rev = ?')
    this.#find = db.prepare(`SELECT ${PERSON_COLUMNS} FROM persons WHERE id = ?`)
    this.#findMany = db.prepare(
      `SELECT ${PERSON_COLUMNS} FROM persons WHERE id IN (SELECT value FROM json_each(?))`,
    )
    this.#listMerged = db.prepare(`SELECT id, mergedInto, state FROM persons
      WHERE mergedInto IN (SELECT value FROM json_each(?)) AND state IN ('live', 'merging', 'merged')`)
    this.#addMember = db.prepare('INSERT INTO members VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING')
    this.#dropMemberships = db.prepare('DELETE FROM members WHERE personId = ?')
    this.#addTerm = db.prepare('INSERT INTO metadataTerms VALUES (?, ?)')
    this.#dropTerms = db.prepare('DELETE FROM metadataTerms WHERE personId = ?')
  }

  insert(person: Person, nowMs: number): boolean {
    if (this.#insert.run({ ...rowOfPerson(person), touchedAt: nowMs }).changes === 0) return false
    this.#addMemberships(person)
    this.#addTerms(person)
    return true
  }

  find(id: PersonId): Person | null {
    const row = this.#find.get(id)
    return row === undefined ? null : this.#readable(row)
  }

  findMany(ids: readonly PersonId[]): readonly Person[] {
    const rows = this.#findMany.all(JSON.stringify(ids))
    return rows.map((row) => this.#readable(row)).filter((person) => person !== null)
  }

  update(target: PersonAtRev, changes: PersonChanges, nowMs: number): Person | null {
    const current = this.find(target.id)
    if (current === null || current.rev !== target.rev) return null
    const changed: Person = { ...current, ...changes, rev: current.rev + 1 }
    const next = changed.state === 'gone' ? { ...changed, ...PERSON_TOMBSTONE } : changed
    this.#update.run({ ...rowOfPerson(next), touchedAt: nowMs })
    if (changesMembership(current, next)) {
      this.#dropMemberships.run(next.id)
      this.#addMemberships(next)
    }
    if (current.metadata !== next.metadata) {
      this.#dropTerms.run(next.id)
      this.#addTerms(next)
    }
    return next
  }

  markClean(target: PersonAtRev, nowMs: number): void {
    this.#clean.run(nowMs, target.id, target.rev)
  }

  markUnreadable(target: { readonly id: PersonId; readonly updatedAt: number }, nowMs: number): boolean {
    const row = this.#find.get(target.id)
    if (row === undefined || row.state === 'gone' || this.#readable(row) !== null) return false
    const { id, updatedAt } = target
    // A rev above any count of changes: whoever read the record before loses.
    const times = { createdAt: updatedAt, updatedAt, rev: updatedAt }
    const marked: Person = { id, ...PERSON_TOMBSTONE, ...times, state: 'deleting' }
    this.#update.run({ ...rowOfPerson(marked), touchedAt: nowMs })
    this.#dropMemberships.run(id)
    this.#dropTerms.run(id)
    return true
  }

  listMerged(into: readonly PersonId[]): readonly MergedPerson[] {
    return this.#listMerged.all(JSON.stringify(into))
  }

  listIds(
    query: PersonQuery & { readonly after: PersonId | null; readonly limit: number },
  ): readonly PersonId[] {
    const { after, limit } = query
    const { id, source, values } = personSelection(query, { after: after ?? '' })
    return this.#db
      .prepare<unknown[], PersonId>(`SELECT ${id} ${source} ORDER BY ${id} LIMIT :limit`)
      .pluck()
      .all({ ...values, limit })
  }

  listSorted(query: SortedPersonQuery): readonly PersonPlace[] {
    const { sql, values } = sortedSelection(query, this.#isBroad(query))
    return this.#db.prepare<unknown[], PersonPlace>(sql).all(values)
  }

  #isBroad(query: PersonQuery): boolean {
    const breadth = breadthOf(query)
    return breadth !== null && this.#db.prepare(breadth.sql).pluck().get(breadth.values) === 1
  }

  /** Looks for the page in the indexes alone: a deep one must not read the records that it skips. */
  findPage(query: PersonQuery, request: PageRequest): PageOfIds<PersonId> {
    const { id, source, values } = personSelection(query, { before: request.cursor })
    const total = this.#db.prepare(`SELECT count(*) ${source}`).pluck().get(values) as number
    const page = { ...values, size: request.size, offset: (request.page - 1) * request.size }
    const ids = this.#db
      .prepare<unknown[], PersonId>(`SELECT ${id} ${source} ORDER BY ${id} DESC LIMIT :size OFFSET :offset`)
      .pluck()
      .all(page)
    return { ids, total }
  }

  #readable(row: PersonRow): Person | null {
    const person = personOfRow(row)
    const why = faultOfPerson(person) ?? faultOfMetadata(person.metadata)
    if (why !== null) this.#onDamage({ kind: 'person', id: row.id, why })
    return why === null ? person : null
  }

  #addMemberships(person: Person): void {
    const live = person.state === 'live' ? 1 : 0
    for (const groupId of person.groups) this.#addMember.run(groupId, person.id, live, person.expireAt)
  }

  #addTerms(person: Person): void {
    for (const term of metadataTerms(person.metadata)) this.#addTerm.run(term, person.id)
  }
}

function changesMembership(before: Person, after: Person): boolean {
  return before.groups !== after.groups || before.state !== after.state || before.expireAt !== after.expireAt
}

/** Reads the row as it stands there: `faultOfPerson` tells whether it can be used. */
export function personOfRow(row: PersonRow): Person {
  const { groupIds, dirty, mergedInto, ...rest } = row
  const merged = mergedInto === null ? {} : { mergedInto }
  return { ...rest, groups: parsed(groupIds) as GroupId[], dirty: dirty === 1, ...merged }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}

function rowOfPerson(person: Person): PersonRow & { readonly sentName: string | null } {
  const { groups, dirty, mergedInto = null, ...rest } = person
  const name = comparedName(person.name)
  const sentName = name === person.name ? null : person.name
  return { ...rest, name, sentName, groupIds: JSON.stringify(groups), dirty: dirty ? 1 : 0, mergedInto }
}
