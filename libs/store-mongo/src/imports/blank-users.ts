import { blankedImport, withoutUser } from '@semblance/core'
import { type AnyBulkWriteOperation, type Db, ObjectId } from 'mongodb'
import { writeInParts } from '../records/bulk-writes.ts'
import { type Ask, LIMITS, oneBatchOf, RecordWrites, type StoredRecord } from '../records/record-writes.ts'
import type { ImportRowRecord } from './import-row-record.ts'
import type { ImportRecord } from './mongo-import-records.ts'

/** Rows read at a time, of each its link alone. */
const PART = 200
/** The name of the setting that says that it is done. */
const MARKER = 'importLinksWithoutUsers'

/**
 * Links that rows and sources of an earlier version have, and names that were made of links, may hold users and passwords: those are
 * taken out. It is done for a database once a start has found nothing: until then, gateways of that version may have added some after
 * the look. What one of them adds after such a start stays until its row is written. Any number of processes may be at it, and at the
 * rows. Not by a filter over the links: no index has them, and a look through millions of rows takes longer than one call may.
 */
export async function blankUsers(db: Db, ask: Ask): Promise<void> {
  let found = 0
  for (let isAgain = true; isAgain; ) {
    const looked = await blankImports(db, ask)
    found += looked.found
    isAgain = looked.isAgain
  }
  for (let last: string | null = ''; last !== null; ) {
    const part: BlankedPart = await blankRowsAfter(db, last, ask)
    found += part.found
    last = part.last
  }
  if (found > 0) return
  await new RecordWrites(settingsOf(db), ask).insert({ _id: MARKER, value: '1' })
}

/** Whether that is done already. */
export async function areUsersBlank(db: Db): Promise<boolean> {
  return (await settingsOf(db).findOne({ _id: MARKER }, LIMITS)) !== null
}

function settingsOf(db: Db) {
  return db.collection<StoredRecord & { readonly value: string }>('settings')
}

/** How many there were, and whether one was changed by somebody else meanwhile, and is to be looked at again. */
async function blankImports(
  db: Db,
  ask: Ask,
): Promise<{ readonly found: number; readonly isAgain: boolean }> {
  const records = db.collection<ImportRecord>('imports')
  const projection = { name: 1, source: 1, rev: 1 } as const
  const imports = await ask(() => records.find({}, { ...LIMITS, projection }).toArray())
  let isAgain = false
  let found = 0
  for (const { _id, name, source, rev } of imports) {
    const blanked = blankedImport({ name: String(name), source: source?.url === undefined ? null : source })
    if (blanked === null) continue
    found += 1
    const named = blanked.name === name || typeof name !== 'string' ? {} : { name: blanked.name }
    const changed = { ...named, ...(blanked.source === null ? {} : { source: blanked.source }) }
    const isMine = await new RecordWrites(records, ask).change({ _id, rev }, { ...changed, rev: rev + 1 })
    isAgain ||= !isMine
  }
  return { found, isAgain }
}

interface BlankedPart {
  readonly found: number
  /** The id to go on after; null at the end. */
  readonly last: string | null
}

/**
 * A row that somebody claims or ends just now is written by that one as it was read: the new
 * `write` makes that be done again.
 */
async function blankRowsAfter(db: Db, last: string, ask: Ask): Promise<BlankedPart> {
  const records = db.collection<ImportRowRecord>('importRows')
  const options = { ...oneBatchOf(PART), projection: { link: 1 } } as const
  const find = () =>
    records
      .find({ _id: { $gt: last } }, options)
      .sort({ _id: 1 })
      .limit(PART)
      .toArray()
  const rows = await ask(find)
  const updates = rows.flatMap(({ _id, link }): AnyBulkWriteOperation<ImportRowRecord>[] => {
    if (link === undefined || withoutUser(link) === link) return []
    const update = { $set: { link: withoutUser(link), write: new ObjectId() } }
    return [{ updateOne: { filter: { _id, link }, update } }]
  })
  await writeInParts({ records, ask }, updates)
  return { found: updates.length, last: rows.length < PART ? null : (rows.at(-1)?._id ?? null) }
}
