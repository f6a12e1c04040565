import { describeOperationStoreContract } from '@semblance/testkit'
import { afterAll } from 'vitest'
import { type MongoDatabase, openMongoDatabase } from '../database/mongo-database.ts'
import { findFreshDatabases } from '../testing/fresh-databases.ts'
import { repeatingAll } from '../testing/repeating-all.ts'
import { openMongoOperationStore } from './mongo-operation-store.ts'

const databases = await findFreshDatabases('mongo-operation-store.contract.test.ts')

if (databases !== null) {
  const { url } = databases
  afterAll(() => databases.close())
  const open = async (as: (database: MongoDatabase) => MongoDatabase) => {
    const database = await databases.open()
    const others: MongoDatabase[] = []
    return {
      store: await openMongoOperationStore({ database: as(database) }),
      another: async () => {
        const other = await openMongoDatabase({ url, databaseName: database.db.databaseName })
        others.push(other)
        return openMongoOperationStore({ database: as(other) })
      },
      close: async () => {
        await Promise.all(others.map((other) => other.close()))
        await database.close()
      },
    }
  }
  describeOperationStoreContract('MongoOperationStore', () => open((database) => database))
  describeOperationStoreContract('MongoOperationStore whose answers are lost', () => open(repeatingAll))
}
