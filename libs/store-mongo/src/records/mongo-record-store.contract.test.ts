import type { RecordStore } from '@semblance/core'
import { describeRecordStoreContract, openTestMongo, skipSuite } from '@semblance/testkit'
import { afterAll } from 'vitest'
import { openMongoDatabase } from '../database/mongo-database.ts'
import { ageRecords, emptyDatabase } from '../testing/age-records.ts'
import { openMongoRecordStore } from './mongo-record-store.ts'

const mongo = await openTestMongo()

if ('skipped' in mongo) skipSuite('MongoRecordStore keeps the RecordStore contract', mongo)
else {
  const database = await openMongoDatabase({ url: mongo.url, databaseName: `persons${process.pid}` })
  await openMongoRecordStore({ database })
  afterAll(async () => {
    await database.db.dropDatabase()
    await database.close()
    await mongo.close()
  })

  describeRecordStoreContract('MongoRecordStore', async () => {
    await emptyDatabase(database.db)
    const stores: RecordStore[] = []
    const another = async () => {
      const store = await openMongoRecordStore({ database })
      stores.push(store)
      return store
    }
    return {
      store: await another(),
      another,
      age: (ms) => ageRecords(database.db, ms),
      close: async () => {
        await Promise.all(stores.map((store) => store.close()))
      },
    }
  })
}
