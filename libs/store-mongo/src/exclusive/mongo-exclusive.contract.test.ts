import { randomUUID } from 'node:crypto'
import { describeExclusiveContract, describeSharedExclusiveContract } from '@semblance/testkit'
import { afterAll, describe } from 'vitest'
import { aHolder } from '../testing/a-holder.ts'
import { findFreshDatabases } from '../testing/fresh-databases.ts'
import { createMongoExclusive } from './mongo-exclusive.ts'

const databases = await findFreshDatabases('mongo-exclusive.contract.test.ts')

describe.skipIf(databases === null)('over MongoDB', () => {
  if (databases === null) return
  afterAll(() => databases.close())

  describeExclusiveContract('MongoExclusive', async () => {
    const database = await databases.open()
    const clock = { monotonic: () => performance.now() }
    return {
      exclusive: createMongoExclusive({ database, leaseMs: 15_000, clock, holderId: randomUUID() }),
      close: () => database.close(),
    }
  })

  const leaseMs = 1500
  describeSharedExclusiveContract('MongoExclusive', {
    leaseMs,
    open: async () => {
      const database = await databases.open()
      return { join: () => aHolder({ database, leaseMs }), close: () => database.close() }
    },
  })
})
