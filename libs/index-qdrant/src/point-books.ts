import type { ImageId, Waiting } from '@semblance/core'
import type { QdrantCalls } from './qdrant-calls.ts'

const IDS_PER_CALL = 5_000

/** Qdrant orders UUIDs by their bytes, which is the order of their text in lower case. */
export async function listPointIds(
  calls: QdrantCalls,
  query: { readonly collection: string; readonly after: ImageId | null; readonly limit: number },
  waiting?: Waiting,
): Promise<readonly ImageId[]> {
  const ids: ImageId[] = []
  let offset: string | null = query.after
  while (ids.length < query.limit) {
    // One more, since the offset itself is answered, too.
    const limit = Math.min(query.limit - ids.length, IDS_PER_CALL) + 1
    const request = {
      collection_name: query.collection,
      limit,
      with_payload: false,
      with_vector: false,
      ...(offset !== null && { offset }),
    }
    const { points } = await calls.run(
      (api, { init, timeout }) => api.scrollPoints({ ...request, timeout }, init),
      waiting,
    )
    const page = points.map(({ id }) => id as ImageId).filter((id) => id !== offset)
    ids.push(...page.slice(0, query.limit - ids.length))
    if (points.length < limit) break
    offset = ids.at(-1) ?? null
  }
  return ids
}

export async function countPoints(
  calls: QdrantCalls,
  collection: string,
  waiting?: Waiting,
): Promise<number> {
  const { count } = await calls.run(
    (api, { init, timeout }) => api.countPoints({ collection_name: collection, exact: true, timeout }, init),
    waiting,
  )
  return count
}
