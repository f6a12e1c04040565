import { describeDescriptorIndexContract, isSlowTier, openTestQdrant, skipSuite } from '@semblance/testkit'
import { afterAll } from 'vitest'
import { dropTestCollections, openTestIndex } from './testing/open-test-index.ts'

const qdrant = await openTestQdrant()
if ('skipped' in qdrant) skipSuite('QdrantDescriptorIndex', qdrant)
else {
  afterAll(async () => {
    await dropTestCollections(qdrant.url)
    await qdrant.close()
  })
  describeDescriptorIndexContract('QdrantDescriptorIndex', (setup) =>
    openTestIndex({ urls: qdrant.urls, ...setup }),
  )
  if (isSlowTier)
    describeDescriptorIndexContract('QdrantDescriptorIndex with int8', (setup) =>
      openTestIndex({ urls: qdrant.urls, quantization: 'int8', ...setup }),
    )
}

const cluster = isSlowTier
  ? await openTestQdrant({ nodes: 3 })
  : { skipped: 'takes a minute; npm run test:slow runs it' }
if ('skipped' in cluster) skipSuite('QdrantDescriptorIndex on three nodes', cluster)
else {
  afterAll(() => cluster.close())
  describeDescriptorIndexContract('QdrantDescriptorIndex on three nodes', (setup) =>
    openTestIndex({ urls: cluster.urls, shardNumber: 6, timeoutMs: 15_000, ...setup }),
  )
}
