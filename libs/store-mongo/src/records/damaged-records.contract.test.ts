import { type DamagedRecord, describeDamagedRecords } from '@semblance/testkit'
import { afterAll, describe } from 'vitest'
import { findFreshDatabases } from '../testing/fresh-databases.ts'
import { openMongoRecordStore } from './mongo-record-store.ts'

const DAMAGE = {
  metadata: { $set: { metadata: '{' }, $unset: { write: '' } },
  state: { $unset: { state: '' } },
  createdAt: { $set: { createdAt: 'yesterday' } },
  bytes: { $unset: { bytes: '' } },
} as const satisfies Record<DamagedRecord['field'], object>

const databases = await findFreshDatabases('damaged-records.contract.test.ts')

describe.skipIf(databases === null)('in MongoDB', () => {
  if (databases === null) return
  afterAll(() => databases.close())
  describeDamagedRecords('MongoRecordStore', async () => {
    const database = await databases.open()
    return {
      records: await openMongoRecordStore({ database }),
      damage: async ({ table, id, field }) => {
        const records = database.db.collection<{ _id: string }>(table)
        await records.updateOne({ _id: id }, DAMAGE[field])
      },
      close: () => database.close(),
    }
  })
})
