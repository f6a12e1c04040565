import type { Db } from 'mongodb'
import type { MongoDatabase } from '../database/mongo-database.ts'

export interface AgingDatabase extends MongoDatabase {
  /** All that was written so far looks older by so much, for the server's clock seems to have gone on. */
  age(ms: number): void
}

/**
 * What is written after `age` is as old as that, too; so tell those apart by the time that `age` is given between
 * two writes.
 */
export function openAgingDatabase(database: MongoDatabase): AgingDatabase {
  let passedMs = 0
  return {
    db: database.db,
    ask: (run, options) => database.ask(run, options),
    serverNow: async (options) => (await database.serverNow(options)) + passedMs,
    check: (options) => database.check(options),
    close: () => database.close(),
    age: (ms) => {
      passedMs += ms
    },
  }
}

/** All records, but not the indexes. */
export async function emptyDatabase(db: Db): Promise<void> {
  const collections = await db.listCollections({}, { nameOnly: true }).toArray()
  for (const { name } of collections) await db.collection(name).deleteMany({})
}
