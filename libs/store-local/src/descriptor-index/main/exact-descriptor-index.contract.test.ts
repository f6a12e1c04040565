import { describeDescriptorIndexContract } from '@semblance/testkit'
import { openExactDescriptorIndex } from './exact-descriptor-index.ts'

describeDescriptorIndexContract('ExactDescriptorIndex', (setup) =>
  openExactDescriptorIndex({ ...setup, threads: 2 }),
)

describeDescriptorIndexContract('ExactDescriptorIndex, float32 alone', (setup) =>
  openExactDescriptorIndex({ ...setup, threads: 2, firstLook: 'float32' }),
)
