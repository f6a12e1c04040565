import type { Db } from 'mongodb'

interface Aging {
  readonly _id: string
  readonly touchedAt: Date
}

/** Sets the times of writing back: all that was written so far looks older by so much. */
export async function ageRecords(db: Db, ms: number): Promise<void> {
  for (const name of ['persons', 'images', 'groups']) {
    const records = db.collection<Aging>(name)
    const all = await records.find({}, { projection: { touchedAt: 1 } }).toArray()
    const changes = all.map(({ _id, touchedAt }) => ({
      updateOne: { filter: { _id }, update: { $set: { touchedAt: new Date(touchedAt.getTime() - ms) } } },
    }))
    if (changes.length > 0) await records.bulkWrite(changes)
  }
}

/** Removes all records and leaves the indexes. */
export async function emptyDatabase(db: Db): Promise<void> {
  const collections = await db.listCollections({}, { nameOnly: true }).toArray()
  for (const { name } of collections) await db.collection(name).deleteMany({})
}
