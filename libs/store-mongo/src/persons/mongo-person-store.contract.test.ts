import type { PersonStore } from '@semblance/core'
import { describePersonStoreContract, openTestMongo, skipSuite } from '@semblance/testkit'
import { afterAll } from 'vitest'
import { openMongoDatabase } from '../database/mongo-database.ts'
import { ageRecords, emptyDatabase } from '../testing/age-records.ts'
import { openMongoPersonStore } from './mongo-person-store.ts'

const mongo = await openTestMongo()

if ('skipped' in mongo) skipSuite('MongoPersonStore keeps the PersonStore contract', mongo)
else {
  const database = await openMongoDatabase({ url: mongo.url, databaseName: `persons${process.pid}` })
  await openMongoPersonStore({ database })
  afterAll(async () => {
    await database.db.dropDatabase()
    await database.close()
    await mongo.close()
  })

  describePersonStoreContract('MongoPersonStore', async () => {
    await emptyDatabase(database.db)
    const stores: PersonStore[] = []
    const another = async () => {
      const store = await openMongoPersonStore({ database })
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
