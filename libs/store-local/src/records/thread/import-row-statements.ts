import type { FlatRow, ImageId, KnownRow, OutcomeKind } from '@semblance/core'
import type { Database, Statement } from 'better-sqlite3'
import { IMPORT_ROW_ASSIGNMENTS, IMPORT_ROW_COLUMNS } from './import-row-columns.ts'

/** Every statement over the rows of imports. */
export interface ImportRowStatements {
  readonly nextPosition: Statement<unknown[], number>
  readonly setNextPosition: Statement
  readonly insert: Statement
  readonly known: Statement<unknown[], KnownRow>
  readonly remove: Statement
  readonly free: SelectRows
  readonly neverClaimed: SelectRows
  readonly endedWithPicture: SelectRows
  readonly claim: Statement
  readonly extend: Statement
  readonly endClaims: Statement
  readonly renewImageId: Statement
  readonly release: Statement
  readonly findHeld: SelectRows
  readonly replace: Statement
  readonly retry: Statement
  readonly setPictureSha256: Statement
  readonly find: SelectRows
  readonly neededPictures: Statement<unknown[], ImageId>
  readonly wouldHavePicture: Statement
  readonly list: SelectRows
  readonly listOfKinds: SelectRows
  readonly countEnded: Statement<unknown[], { readonly kind: OutcomeKind; readonly count: number }>
  readonly countUnended: Statement<unknown[], UnendedCount>
  readonly stagedBytes: Statement<unknown[], number | null>
  readonly takenBytes: Statement<unknown[], number>
  readonly ends: Statement<unknown[], EndCount>
}

type SelectRows = Statement<unknown[], FlatRow>

interface UnendedCount {
  readonly waiting: number
  readonly claimed: number
  readonly oldestAt: number | null
  readonly oldestClaimedAt: number | null
  readonly claimedUntil: number | null
}

/** Rows that ended after a time; when the first of them did, and the last. */
interface EndCount {
  readonly rows: number
  readonly firstAt: number | null
  readonly lastAt: number | null
}

const NAMED = 'importId = :id AND position = :position AND key = :key'
const HELD = `${NAMED} AND holder = :holder AND outcomeKind IS NULL`
const SELECT = `SELECT ${IMPORT_ROW_COLUMNS} FROM importRows`

export function importRowStatements(db: Database): ImportRowStatements {
  return {
    ...additionStatements(db),
    ...workStatements(db),
    ...readingStatements(db),
    ...countStatements(db),
  }
}

/** Rows coming and going. */
function additionStatements(db: Database) {
  return {
    nextPosition: db.prepare<unknown[], number>('SELECT nextPosition FROM imports WHERE id = ?').pluck(),
    setNextPosition: db.prepare(
      'UPDATE imports SET nextPosition = ?, takenBytes = takenBytes + ? WHERE id = ?',
    ),
    insert: db.prepare(`INSERT INTO importRows (importId, ${IMPORT_ROW_COLUMNS}, leaseUntil, addedAt)
      VALUES (:importId, :position, :key, :personKey, :fields, :stagedId, :stagedBytes, :link, :digest,
      :pictureSha256, :tries, :imageId, :outcomeKind, :outcome, :endedAt, 0, :nowMs)
      ON CONFLICT (importId, key) DO NOTHING`),
    known: db.prepare<unknown[], KnownRow>(
      'SELECT key, pictureSha256 FROM importRows WHERE importId = ? AND key IN (SELECT value FROM json_each(?))',
    ),
    remove: db.prepare('DELETE FROM importRows WHERE importId = ? AND position = ?'),
  }
}

/** Rows that are claimed, worked on and ended. */
function workStatements(db: Database) {
  const update = (set: string, where: string) => db.prepare(`UPDATE importRows SET ${set} WHERE ${where}`)
  return {
    free: db.prepare<
      unknown[],
      FlatRow
    >(`${SELECT} WHERE importId = :id AND outcomeKind IS NULL AND leaseUntil <= :nowMs
      ORDER BY position LIMIT :limit`),
    neverClaimed: db.prepare<unknown[], FlatRow>(
      `${SELECT} WHERE importId = :id AND outcomeKind IS NULL AND imageId IS NULL LIMIT :limit`,
    ),
    endedWithPicture: db.prepare<unknown[], FlatRow>(
      `${SELECT} WHERE importId = :id AND stagedId IS NOT NULL AND outcomeKind IS NOT NULL LIMIT :limit`,
    ),
    claim: update(
      'holder = :holder, leaseUntil = :until, imageId = :imageId, tries = tries + 1',
      'importId = :id AND position = :position',
    ),
    extend: update('leaseUntil = :until', HELD),
    endClaims: update(
      'leaseUntil = 0',
      'importId = :id AND outcomeKind IS NULL AND leaseUntil > 0 AND holder <> :holder',
    ),
    renewImageId: update('imageId = :imageId', HELD),
    release: update('holder = NULL, leaseUntil = 0, tries = tries - 1', HELD),
    findHeld: db.prepare<unknown[], FlatRow>(`${SELECT} WHERE ${HELD}`),
    replace: update(
      `${IMPORT_ROW_ASSIGNMENTS}, holder = NULL, leaseUntil = 0`,
      'importId = :importId AND position = :position',
    ),
    retry: update(
      'outcomeKind = NULL, outcome = NULL, endedAt = NULL, tries = 0, imageId = NULL',
      // What is left of a row whose person was deleted has no digest.
      `importId = :id AND digest <> '' AND outcomeKind IN (SELECT value FROM json_each(:kinds))
      AND IIF(outcomeKind = 'failed', :passingOnly = 0 OR outcome ->> 'isPassing' = 1, link IS NOT NULL)`,
    ),
    setPictureSha256: update('pictureSha256 = :sha256', NAMED),
  }
}

/** Rows as they are. */
function readingStatements(db: Database) {
  return {
    find: db.prepare<unknown[], FlatRow>(`${SELECT} WHERE importId = ? AND key = ?`),
    neededPictures: db
      .prepare<unknown[], ImageId>(
        'SELECT stagedId FROM importRows WHERE stagedId IN (SELECT value FROM json_each(?))',
      )
      .pluck(),
    wouldHavePicture: db.prepare(`SELECT 1 FROM importRows WHERE importId = :id AND personKey = :personKey
      AND pictureSha256 = :sha256 AND outcomeKind = 'enrolled' LIMIT 1`),
    list: db.prepare<unknown[], FlatRow>(
      `${SELECT} WHERE importId = ? AND position > ? ORDER BY position LIMIT ?`,
    ),
    listOfKinds: db.prepare<unknown[], FlatRow>(`${SELECT} WHERE importId = ?
      AND outcomeKind IN (SELECT value FROM json_each(?)) AND position > ? ORDER BY position LIMIT ?`),
  }
}

/** How many rows stand where. */
function countStatements(db: Database) {
  return {
    countEnded: db.prepare<
      unknown[],
      { readonly kind: OutcomeKind; readonly count: number }
    >(`SELECT outcomeKind AS kind, count(*) AS count FROM importRows
      WHERE importId = ? AND outcomeKind IS NOT NULL GROUP BY outcomeKind`),
    countUnended: db.prepare<
      unknown[],
      UnendedCount
    >(`SELECT count(*) FILTER (WHERE leaseUntil <= :nowMs) AS waiting,
      count(*) FILTER (WHERE leaseUntil > :nowMs) AS claimed,
      min(addedAt) FILTER (WHERE leaseUntil <= :nowMs) AS oldestAt,
      min(addedAt) FILTER (WHERE leaseUntil > :nowMs) AS oldestClaimedAt,
      max(leaseUntil) FILTER (WHERE leaseUntil > :nowMs) AS claimedUntil
      FROM importRows WHERE importId = :id AND outcomeKind IS NULL`),
    stagedBytes: db
      .prepare<unknown[], number | null>(
        'SELECT sum(stagedBytes) FROM importRows WHERE importId = ? AND stagedId IS NOT NULL',
      )
      .pluck(),
    takenBytes: db.prepare<unknown[], number>('SELECT takenBytes FROM imports WHERE id = ?').pluck(),
    ends: db.prepare<
      unknown[],
      EndCount
    >(`SELECT count(*) AS rows, min(endedAt) AS firstAt, max(endedAt) AS lastAt FROM importRows
      WHERE importId = ? AND endedAt > ? AND tries > 0 AND endedAt IS NOT NULL`),
  }
}
