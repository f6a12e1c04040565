import { describeDescriptorIndexContract, openTestQdrant } from '@semblance/testkit'
import { afterAll, describe } from 'vitest'
import { openTestIndex } from './testing/open-test-index.ts'

const qdrant = await openTestQdrant()
if ('skipped' in qdrant) describe.skip(`QdrantDescriptorIndex: ${qdrant.skipped}`, () => {})
else {
  afterAll(() => qdrant.close())
  describeDescriptorIndexContract('QdrantDescriptorIndex', (setup) =>
    openTestIndex({ urls: qdrant.urls, ...setup }),
  )
}
