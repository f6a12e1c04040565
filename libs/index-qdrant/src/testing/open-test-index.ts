import { createNaiveGenerationRegistry, newTestId, TEST_PACK } from '@semblance/testkit'
import {
  openQdrantDescriptorIndex,
  type QdrantDescriptorIndex,
  type QdrantIndexConfig,
} from '../qdrant-descriptor-index.ts'

/** Collections of its own, so that a Qdrant which outlives the test can serve the next one. */
export function openTestIndex(
  config: Partial<QdrantIndexConfig> & Pick<QdrantIndexConfig, 'urls' | 'dimensions'>,
): Promise<QdrantDescriptorIndex> {
  return openQdrantDescriptorIndex({
    packId: TEST_PACK,
    registry: createNaiveGenerationRegistry(),
    clock: { monotonic: () => performance.now() },
    namePrefix: `test-${newTestId()}`,
    ...config,
  })
}
