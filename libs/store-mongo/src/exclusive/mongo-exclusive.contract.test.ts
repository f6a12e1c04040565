import { randomUUID } from 'node:crypto'
import { describeExclusiveContract } from '@semblance/testkit'
import { afterAll, describe } from 'vitest'
import { findFreshDatabases } from '../testing/fresh-databases.ts'
import { createMongoExclusive } from './mongo-exclusive.ts'

const databases = await findFreshDatabases('mongo-exclusive.contract.test.ts')
const clock = { monotonic: () => performance.now() }

describe.skipIf(databases === null)('over MongoDB', () => {
  if (databases === null) return
  afterAll(() => databases.close())
  describeExclusiveContract('MongoExclusive', async () => {
    const database = await databases.open()
    return {
      exclusive: createMongoExclusive({ database, leaseMs: 15_000, clock, holderId: randomUUID() }),
      close: () => database.close(),
    }
  })
})
