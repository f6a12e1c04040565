import { describeImageStoreContract } from '@semblance/testkit'
import { afterAll, describe } from 'vitest'
import type { MongoDatabase } from '../database/mongo-database.ts'
import { findFreshDatabases } from '../testing/fresh-databases.ts'
import { openMongoImageStore } from './mongo-image-store.ts'

const databases = await findFreshDatabases('mongo-image-store.contract.test.ts')

describe.skipIf(databases === null)('over MongoDB', () => {
  if (databases === null) return
  afterAll(() => databases.close())
  describeImageStoreContract('MongoImageStore', async () => {
    const database = await databases.open()
    return {
      store: await openMongoImageStore({ database }),
      age: (ms) => setBack(database, ms),
      close: () => database.close(),
    }
  })
})

async function setBack({ db }: MongoDatabase, ms: number): Promise<void> {
  const pictures = db.collection('pictures')
  for (const time of ['writtenAt', 'asideSince']) {
    const found = await pictures.find({ [time]: { $exists: true } }, { projection: { [time]: 1 } }).toArray()
    for (const { _id, [time]: at } of found) {
      const older = new Date((at as Date).getTime() - ms)
      await pictures.updateOne({ _id }, { $set: { [time]: older } })
    }
  }
}
