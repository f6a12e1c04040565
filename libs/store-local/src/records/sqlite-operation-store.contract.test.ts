import { describeOperationStoreContract } from '@semblance/testkit'
import { afterAll } from 'vitest'
import { sharedStores } from '../testing/shared-stores.ts'

const shared = await sharedStores(['operations', 'operationTargets', 'duplicatePairs'])
afterAll(shared.close)

describeOperationStoreContract('SqliteOperationStore', async () =>
  shared.begin(({ operations }) => operations),
)
