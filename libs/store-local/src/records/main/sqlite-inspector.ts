import { existsSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import {
  dataUnreadable,
  type FileFault,
  type FlatRow,
  faultOfFlatRow,
  faultOfGroup,
  faultOfImage,
  faultOfImport,
  faultOfMetadata,
  faultOfPerson,
  type Group,
  type Image,
  type InspectedRecord,
  inspectedStagedOf,
  jsonOrNothing,
  type PackId,
  type RecordInspector,
  type RecordKind,
} from '@semblance/core'
import SqliteDatabase, { type Database } from 'better-sqlite3'
import { descriptorsFromBytes, isDescriptor } from '../thread/descriptor-bytes.ts'
import { areEnrolledCountsRight } from '../thread/enrolled-counts.ts'
import { PERSON_COLUMNS, type PersonRow, personOfRow } from '../thread/person-rows.ts'
import { APPLICATION_ID, SCHEMA_VERSION } from '../thread/schema.ts'

/** Faults that are told of one table. */
const MOST_FAULTS = 20

/**
 * A second, read-only connection to a store's file, which may be in use: each call is one short transaction, so that the
 * server's log is not held up. Throws E_DATA_UNREADABLE for a file that is none of ours, or of another version.
 */
export function openSqliteInspector(file: string): RecordInspector {
  const db = openForReading(file)
  const statements = Object.fromEntries(
    Object.entries(LISTS).map(([kind, { sql }]) => [kind, db.prepare<[string, number], Row>(sql)]),
  )
  const stateOf = (table: string) =>
    db.prepare<[string], { readonly id: string; readonly state: string }>(
      `SELECT id, state FROM ${table} WHERE id IN (SELECT value FROM json_each(?))`,
    )
  const states = { person: stateOf('persons'), image: stateOf('images') }
  return {
    list: async ({ kind, after, limit }) =>
      (statements[kind]?.all(after ?? '', limit) ?? []).map((row) => LISTS[kind].inspect(row)),
    findStates: async ({ kind, ids }) =>
      new Map(states[kind].all(JSON.stringify(ids)).map(({ id, state }) => [id, state])),
    checkFile: async () => [...faultsOfFile(db), ...faultsOfCounts(db)],
    close: async () => {
      db.close()
    },
  }
}

/**
 * The pack whose descriptors are searched in a store's file, which may be in use; null before first use. Throws
 * E_DATA_UNREADABLE for a file that is none of ours, or of another version.
 */
export function readServingPack(file: string): PackId | null {
  const db = openForReading(file)
  try {
    return (db.prepare(SERVING).pluck().get() as PackId | undefined) ?? null
  } finally {
    db.close()
  }
}

/**
 * The schema of a store's file, which may be in use, beside the one that this version writes. Throws E_DATA_UNREADABLE
 * for a file that is none of ours.
 */
export function readSchemaVersion(file: string): { readonly found: number; readonly known: number } {
  requireFile(file)
  try {
    const db = new SqliteDatabase(file, { readonly: true, fileMustExist: true })
    try {
      if (db.pragma('application_id', { simple: true }) !== APPLICATION_ID)
        throw dataUnreadable(dirname(file), 'it holds no database of ours')
      return { found: db.pragma('user_version', { simple: true }) as number, known: SCHEMA_VERSION }
    } finally {
      db.close()
    }
  } catch (error) {
    if (!(error instanceof SqliteDatabase.SqliteError)) throw error
    throw dataUnreadable(dirname(file), `its database cannot be read (${error.message})`, error)
  }
}

/** What SQLite finds in its own file, table by table: one long transaction would keep the server from tidying its log. */
function faultsOfFile(db: Database): readonly FileFault[] {
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all() as string[]
  return tables.flatMap((table) => {
    try {
      const found = db.pragma(`integrity_check('${table.replaceAll("'", "''")}')`) as readonly {
        readonly integrity_check: string
      }[]
      const faults = found.map(({ integrity_check: fault }) => fault).filter((fault) => fault !== 'ok')
      return faults.slice(0, MOST_FAULTS).map((fault) => damaged(`${table}: ${fault}`))
    } catch (error) {
      return [damaged(`${table}: ${textOf(error)}`)]
    }
  })
}

function faultsOfCounts(db: Database): readonly FileFault[] {
  try {
    if (areEnrolledCountsRight(db)) return []
    return [{ what: 'counts', why: 'the counts in the table enrolled are not those of the records' }]
  } catch (error) {
    return [damaged(`enrolled: ${textOf(error)}`)]
  }
}

function damaged(why: string): FileFault {
  return { what: 'damaged', why }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function openForReading(file: string): Database {
  const refuse = (why: string, cause?: unknown) => dataUnreadable(dirname(file), why, cause)
  requireFile(file)
  try {
    const db = new SqliteDatabase(file, { readonly: true, fileMustExist: true })
    const applicationId = db.pragma('application_id', { simple: true })
    const version = db.pragma('user_version', { simple: true })
    if (applicationId === APPLICATION_ID && version === SCHEMA_VERSION) return db
    db.close()
    if (applicationId !== APPLICATION_ID) throw refuse('it holds no database of ours')
    throw refuse(`its database has schema ${version}, not ${SCHEMA_VERSION}: start this version on it once`)
  } catch (error) {
    if (!(error instanceof SqliteDatabase.SqliteError)) throw error
    throw refuse(`its database cannot be read (${error.message})`, error)
  }
}

type Row = Readonly<Record<string, unknown>>

interface ListedKind {
  readonly sql: string
  readonly inspect: (row: Row) => InspectedRecord
}

/** The pack whose descriptors are searched. */
const SERVING = "SELECT value FROM settings WHERE key = 'pack'"
const AFTER = 'WHERE id > ? ORDER BY id LIMIT ?'

const LISTS: Readonly<Record<RecordKind, ListedKind>> = {
  person: {
    sql: `SELECT ${PERSON_COLUMNS} FROM persons ${AFTER}`,
    inspect: (row) => {
      const person = personOfRow(row as unknown as PersonRow)
      const why = faultOfPerson(person) ?? faultOfMetadata(person.metadata)
      return { id: person.id, state: person.state, why, image: null }
    },
  },
  group: {
    sql: `SELECT id, name, metadata, createdAt, state FROM galleryGroups ${AFTER}`,
    inspect: (row) => {
      const group = row as unknown as Group
      return { id: group.id, state: group.state, why: faultOfGroup(group), image: null }
    },
  },
  image: {
    sql: `SELECT i.id, i.personId, i.state, i.contentType, i.bytes, i.sha256, i.createdAt, i.quality, i.damage, n.why,
        iif(n.pack IS NULL, k.packId, (${SERVING})) AS packId, iif(n.pack IS NULL, i.descriptor, n.descriptor) AS descriptor
      FROM images i LEFT JOIN packs k ON k.id = i.pack
        LEFT JOIN descriptorNotes n ON n.imageId = i.id AND n.pack = (SELECT id FROM packs WHERE packId = (${SERVING}))
      WHERE i.id > ? ORDER BY i.id LIMIT ?`,
    inspect: (row) => inspectImage(row as unknown as ImageRow),
  },
  import: {
    sql: `SELECT id, state, policies, groupIds FROM imports ${AFTER}`,
    inspect: ({ id, state, policies, groupIds }) => {
      const why = faultOfImport({ state, policies, groups: jsonOrNothing(groupIds) })
      return { id: String(id), state: String(state), why, image: null }
    },
  },
  // The id is that of the import and a position of twelve digits.
  'import-row': {
    sql: `WITH asked (importId, position, most) AS (
        SELECT substr(after, 1, 36), CAST(substr(after, 38) AS INTEGER), most
        FROM (SELECT ? AS after, ? AS most))
      SELECT importId || printf(' %012d', position) AS id, fields, outcomeKind, outcome, stagedId, stagedBytes, pictureSha256
      FROM importRows
      WHERE (importId, position) > ((SELECT importId FROM asked), (SELECT position FROM asked))
      ORDER BY importId, position LIMIT (SELECT most FROM asked)`,
    inspect: (row) => {
      const flat = row as unknown as FlatRow
      const inspected = { why: faultOfFlatRow(flat), image: null, staged: inspectedStagedOf(flat) }
      return { id: String(row.id), state: flat.outcomeKind ?? 'waiting', ...inspected }
    },
  },
  reply: {
    sql: 'SELECT key AS id, headers, done FROM replies WHERE key > ? ORDER BY key LIMIT ?',
    inspect: (row) => {
      const why = isJson(row.headers as string) ? null : 'its headers are no JSON'
      return { id: row.id as string, state: row.done === 1 ? 'done' : 'open', why, image: null }
    },
  },
}

interface ImageRow extends Image {
  readonly packId: PackId | null
  readonly descriptor: Buffer
  /** Of the pack that serves; null: it made a descriptor, or nobody has asked it yet. */
  readonly why: string | null
}

function inspectImage({ packId, descriptor, why: undescribed, ...image }: ImageRow): InspectedRecord {
  const { id, state, personId, bytes, sha256 } = image
  const whole = faultOfImage(image)
  if (whole !== null) return { id, state, why: whole, image: null }
  if (packId === null) return { id, state, why: 'the model pack of its descriptor is not known', image: null }
  if (!isDescriptor(descriptor))
    return { id, state, why: 'its descriptor is no list of numbers', image: null }
  if (undescribed !== null)
    return { id, state, why: null, image: { personId, bytes, sha256, descriptor: null } }
  const [values = new Float32Array()] = descriptorsFromBytes([descriptor])
  return { id, state, why: null, image: { personId, bytes, sha256, descriptor: { packId, values } } }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The library tells of a folder that is not there by a TypeError. */
function requireFile(file: string): void {
  if (existsSync(file)) return
  throw dataUnreadable(dirname(file), `there is no ${basename(file)} in it`)
}
