import { describeIdempotencyStoreContract } from '@semblance/testkit'
import { afterAll } from 'vitest'
import type { MongoDatabase } from '../database/mongo-database.ts'
import { findFreshDatabases } from '../testing/fresh-databases.ts'
import { openMongoIdempotencyStore } from './mongo-idempotency-store.ts'
import type { ReplyRecord } from './reply-record.ts'

const databases = await findFreshDatabases('mongo-idempotency-store.contract.test.ts')

if (databases !== null) {
  afterAll(() => databases.close())
  describeIdempotencyStoreContract('MongoIdempotencyStore', async () => {
    const database = await databases.open()
    return {
      store: await openMongoIdempotencyStore({ database }),
      another: () => openMongoIdempotencyStore({ database }),
      age: (ms) => ageReplies(database, ms),
      close: () => database.close(),
    }
  })
}

/** Sets the times of writing back: all that was written so far looks older by so much. */
async function ageReplies({ db }: MongoDatabase, ms: number): Promise<void> {
  const records = db.collection<ReplyRecord>('replies')
  const earlier = (time: Date) => new Date(time.getTime() - ms)
  for (const { _id, touchedAt, seededAt } of await records.find().toArray()) {
    const times = { touchedAt: earlier(touchedAt), seededAt: earlier(seededAt) }
    await records.updateOne({ _id }, { $set: times })
  }
}
