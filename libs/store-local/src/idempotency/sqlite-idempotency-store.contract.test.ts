import { describeIdempotencyStoreContract } from '@semblance/testkit'
import { afterAll } from 'vitest'
import { sharedStores } from '../testing/shared-stores.ts'

const shared = await sharedStores(['replies'])
afterAll(shared.close)

describeIdempotencyStoreContract('SqliteIdempotencyStore', async () =>
  shared.begin(({ idempotency }) => idempotency),
)
