import type { PersonId } from '@semblance/core'
import type { AnyBulkWriteOperation, Db } from 'mongodb'
import { writeInParts } from './bulk-writes.ts'
import type { PersonRecord } from './mongo-person-records.ts'
import { type Ask, LIMITS, oneBatchOf, RecordWrites, type StoredRecord } from './record-writes.ts'

const BATCH = 50

/** What records of an older version lack. */
export interface FillPass {
  /** The name of the setting that says that every person has it. */
  readonly marker: string
  /** The fields that are looked at. */
  readonly fields: readonly (keyof PersonRecord)[]
  /**
   * Answers null for a record that needs nothing. It must do no harm if the record was changed since, or filled
   * already.
   */
  readonly fill: (person: PersonRecord) => AnyBulkWriteOperation<PersonRecord> | null
}

interface Marker extends StoredRecord {
  readonly value: string
}

/** Goes over all persons once for a database. Any number of processes may be at it, and at changing persons. */
export async function fillPersons(db: Db, pass: FillPass, ask: Ask): Promise<void> {
  const settings = db.collection<Marker>('settings')
  if ((await ask(() => settings.findOne({ _id: pass.marker }, LIMITS))) !== null) return
  for (let last: PersonId | null = '' as PersonId; last !== null; )
    last = await fillAfter(db, { pass, last }, ask)
  await new RecordWrites<Marker>(settings, ask).insert({ _id: pass.marker, value: '1' })
}

/** The id to go on after; null at the end. */
async function fillAfter(
  db: Db,
  { pass, last }: { readonly pass: FillPass; readonly last: PersonId },
  ask: Ask,
): Promise<PersonId | null> {
  const records = db.collection<PersonRecord>('persons')
  const projection = Object.fromEntries(pass.fields.map((field) => [field, 1]))
  const options = { ...oneBatchOf(BATCH), projection }
  const find = () =>
    records
      .find({ _id: { $gt: last } }, options)
      .sort({ _id: 1 })
      .limit(BATCH)
      .toArray()
  const persons = await ask(find)
  const updates = persons.map(pass.fill).filter((update) => update !== null)
  await writeInParts({ records, ask }, updates)
  return persons.length < BATCH ? null : (persons.at(-1)?._id ?? null)
}
