import { createNaiveGenerationRegistry, newTestId, TEST_PACK } from '@semblance/testkit'
import {
  openQdrantDescriptorIndex,
  type QdrantDescriptorIndex,
  type QdrantIndexConfig,
} from '../qdrant-descriptor-index.ts'

const prefixes = new Set<string>()

/** Collections of its own, so that a Qdrant which outlives the test can serve the next one. */
export function openTestIndex(
  config: Partial<QdrantIndexConfig> & Pick<QdrantIndexConfig, 'urls' | 'dimensions'>,
): Promise<QdrantDescriptorIndex> {
  const namePrefix = config.namePrefix ?? `test-${newTestId()}`
  prefixes.add(namePrefix)
  return openQdrantDescriptorIndex({
    packId: TEST_PACK,
    registry: createNaiveGenerationRegistry(),
    clock: { monotonic: () => performance.now() },
    ...config,
    namePrefix,
  })
}

/** Removes what this file's tests made, for a Qdrant that outlives them. */
export async function dropTestCollections(url: string): Promise<void> {
  const answer = await fetch(`${url}/collections`)
  const { result } = (await answer.json()) as { result: { collections: { name: string }[] } }
  for (const { name } of result.collections)
    if ([...prefixes].some((prefix) => name.startsWith(prefix)))
      await fetch(`${url}/collections/${name}`, { method: 'DELETE' })
}
