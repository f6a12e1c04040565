import type { Schemas } from '@qdrant/js-client-rest'
import type { GroupId, ImageId, IndexPayload, ListedVector, PersonId, Waiting } from '@semblance/core'
import type { PointFilter } from './point-filter.ts'
import type { QdrantCalls } from './qdrant-calls.ts'

export interface PointsAfter {
  readonly collection: string
  readonly after: ImageId | null
  readonly limit: number
}

const POINTS_PER_CALL = 5_000

export async function listPointIds(
  calls: QdrantCalls,
  query: PointsAfter,
  waiting?: Waiting,
): Promise<readonly ImageId[]> {
  const records = await scroll(calls, { ...query, with_payload: false }, waiting)
  return records.map(({ id }) => id as ImageId)
}

export async function listPoints(
  calls: QdrantCalls,
  query: PointsAfter,
  waiting?: Waiting,
): Promise<readonly ListedVector[]> {
  const records = await scroll(calls, { ...query, with_payload: true }, waiting)
  return records.map(({ id, payload }) => ({
    imageId: id as ImageId,
    payload: toIndexPayload(payload ?? {}),
  }))
}

/** Qdrant orders UUIDs by their bytes, which is the order of their text in lower case. */
async function scroll(
  calls: QdrantCalls,
  query: PointsAfter & { readonly with_payload: boolean },
  waiting?: Waiting,
): Promise<readonly Schemas['Record'][]> {
  const found: Schemas['Record'][] = []
  let offset: string | null = query.after
  while (found.length < query.limit) {
    // One more, since the offset itself is answered, too.
    const limit = Math.min(query.limit - found.length, POINTS_PER_CALL) + 1
    const request = {
      collection_name: query.collection,
      limit,
      with_payload: query.with_payload,
      with_vector: false,
      ...(offset !== null && { offset }),
    }
    const { points } = await calls.run(
      (api, { init, timeout }) => api.scrollPoints({ ...request, timeout }, init),
      waiting,
    )
    found.push(...points.filter(({ id }) => id !== offset).slice(0, query.limit - found.length))
    if (points.length < limit) break
    offset = (found.at(-1)?.id ?? null) as string | null
  }
  return found
}

function toIndexPayload(payload: Record<string, unknown>): IndexPayload {
  const { personId, groups, name, externalId, rev } = payload
  return {
    personId: personId as PersonId,
    groups: (Array.isArray(groups) ? groups : []) as GroupId[],
    name: typeof name === 'string' ? name : '',
    externalId: typeof externalId === 'string' ? externalId : null,
    rev: Number(rev),
  }
}

/** @param filter null: all points */
export async function countPoints(
  calls: QdrantCalls,
  { collection, filter }: { readonly collection: string; readonly filter: PointFilter | null },
  waiting?: Waiting,
): Promise<number> {
  const wanted = { collection_name: collection, exact: true, ...(filter !== null && { filter }) }
  const { count } = await calls.run(
    (api, { init, timeout }) => api.countPoints({ ...wanted, timeout }, init),
    waiting,
  )
  return count
}

/** Whose some points are, chosen at random by Qdrant from all of its shards. @param filter null: all points */
export async function sampleOwners(
  calls: QdrantCalls,
  query: { readonly collection: string; readonly filter: PointFilter | null; readonly limit: number },
  waiting?: Waiting,
): Promise<readonly PersonId[]> {
  const { collection, filter, limit } = query
  const request = {
    collection_name: collection,
    query: { sample: 'random' as const },
    limit,
    with_payload: ['personId'],
    with_vector: false,
    ...(filter !== null && { filter }),
  }
  const { points } = await calls.run(
    (api, { init, timeout }) => api.queryPoints({ ...request, timeout }, init),
    waiting,
  )
  return points.flatMap(({ payload }) =>
    typeof payload?.personId === 'string' ? [payload.personId as PersonId] : [],
  )
}
