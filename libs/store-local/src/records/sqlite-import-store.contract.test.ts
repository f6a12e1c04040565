import { describeImportStoreContract } from '@semblance/testkit'
import { afterAll } from 'vitest'
import { sharedStores } from '../testing/shared-stores.ts'

const shared = await sharedStores(['imports', 'importRows', 'importPersons'])
afterAll(shared.close)

describeImportStoreContract('SqliteImportStore', async () => shared.begin(({ imports }) => imports))
