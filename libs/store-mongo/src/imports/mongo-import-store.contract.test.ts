import { describeImportStoreContract, type ImportStoreHarness } from '@semblance/testkit'
import { afterAll } from 'vitest'
import { type MongoDatabase, openMongoDatabase } from '../database/mongo-database.ts'
import { findFreshDatabases } from '../testing/fresh-databases.ts'
import { repeatingAll } from '../testing/repeating-all.ts'
import type { ImportRowRecord } from './import-row-record.ts'
import { openMongoImportStore } from './mongo-import-store.ts'

const databases = await findFreshDatabases('mongo-import-store.contract.test.ts')

if (databases !== null) {
  const { url } = databases
  afterAll(() => databases.close())
  const open = async (as: (database: MongoDatabase) => MongoDatabase): Promise<ImportStoreHarness> => {
    const database = await databases.open()
    const others: MongoDatabase[] = []
    return {
      store: await openMongoImportStore({ database: as(database) }),
      another: async () => {
        const other = await openMongoDatabase({ url, databaseName: database.db.databaseName })
        others.push(other)
        return openMongoImportStore({ database: as(other) })
      },
      age: (ms) => ageRows(database, ms),
      close: async () => {
        await Promise.all(others.map((other) => other.close()))
        await database.close()
      },
    }
  }
  describeImportStoreContract('MongoImportStore', () => open((database) => database))
  describeImportStoreContract('MongoImportStore whose answers are lost', () => open(repeatingAll))
}

/** Sets the times of writing back: all that was written so far looks older by so much. */
async function ageRows({ db }: MongoDatabase, ms: number): Promise<void> {
  const rows = db.collection<ImportRowRecord>('importRows')
  const earlier = (time: Date) => new Date(time.getTime() - ms)
  for (const { _id, addedAt, leaseUntil, endedAt } of await rows.find().toArray()) {
    const ended = endedAt === undefined ? {} : { endedAt: endedAt - ms }
    const times = { addedAt: earlier(addedAt), leaseUntil: earlier(leaseUntil), ...ended }
    await rows.updateOne({ _id }, { $set: times })
  }
}
