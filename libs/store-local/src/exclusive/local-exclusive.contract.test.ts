import { describeExclusiveContract } from '@semblance/testkit'
import { createLocalExclusive } from './local-exclusive.ts'

describeExclusiveContract('LocalExclusive', async () => ({
  exclusive: createLocalExclusive(),
  close: async () => {},
}))
