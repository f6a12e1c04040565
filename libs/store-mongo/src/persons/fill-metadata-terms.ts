import { metadataTerms, type PersonId } from '@semblance/core'
import type { Db } from 'mongodb'
import type { PersonRecord } from './person-records.ts'
import { type Ask, LIMITS, RecordWrites, type StoredRecord } from './record-writes.ts'

/** Setting that says that every person has its terms. */
const FILLED = 'metadataTerms'
const BATCH = 50

interface Marker extends StoredRecord {
  readonly value: string
}

/**
 * Gives persons that an older version wrote the terms of their metadata; done once for a database. Any number of
 * processes may be at it, and at changing persons: whoever changes metadata writes its terms along.
 */
export async function fillMetadataTerms(db: Db, ask: Ask): Promise<void> {
  const settings = db.collection<Marker>('settings')
  if ((await ask(() => settings.findOne({ _id: FILLED }, LIMITS))) !== null) return
  let last: PersonId | null = await fillAfter(db, '' as PersonId, ask)
  while (last !== null) last = await fillAfter(db, last, ask)
  await new RecordWrites<Marker>(settings, ask).insert({ _id: FILLED, value: '1' })
}

/** The id to go on after; null at the end. */
async function fillAfter(db: Db, after: PersonId, ask: Ask): Promise<PersonId | null> {
  const records = db.collection<PersonRecord>('persons')
  const options = { ...LIMITS, projection: { metadata: 1 }, batchSize: BATCH }
  const find = () =>
    records
      .find({ _id: { $gt: after } }, options)
      .sort({ _id: 1 })
      .limit(BATCH)
      .toArray()
  const persons = await ask(find)
  const updates = persons
    .filter(({ metadata }) => metadata !== '{}')
    .map(({ _id, metadata }) => ({
      updateOne: { filter: { _id, metadata }, update: { $set: { terms: metadataTerms(metadata) } } },
    }))
  if (updates.length > 0) await ask(() => records.bulkWrite(updates, { ordered: false }))
  return persons.length < BATCH ? null : (persons.at(-1)?._id ?? null)
}
