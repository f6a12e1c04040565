import type { Schemas } from '@qdrant/js-client-rest'
import type { ImageId, IndexEntry, IndexPayload, PersonId, Waiting } from '@semblance/core'
import type { PointCondition, PointFilter } from './point-filter.ts'
import type { QdrantCalls } from './qdrant-calls.ts'
import { QdrantFault } from './qdrant-fault.ts'

/** About 2.5 MB of JSON with 512 numbers each; Qdrant takes 32 MB. */
const POINTS_PER_CALL = 250
const IDS_PER_CALL = 5_000

/**
 * One atomic step per point and replica: inserted, or replaced unless the one there is of the same person with a
 * greater rev. Calls of several points are not atomic as a whole; each may be repeated.
 */
export async function upsertPoints(
  calls: QdrantCalls,
  { collection, entries }: { readonly collection: string; readonly entries: readonly IndexEntry[] },
  waiting?: Waiting,
): Promise<void> {
  for (let at = 0; at < entries.length; at += POINTS_PER_CALL) {
    const batch = entries.slice(at, at + POINTS_PER_CALL)
    const points = batch.map(toPoint)
    const update_filter = unlessNewerIsThere(batch)
    await calls.run(
      async (api, { init, timeout }) =>
        completed(
          await api.upsertPoints(
            { collection_name: collection, wait: true, timeout, points, update_filter },
            init,
          ),
        ),
      waiting,
    )
  }
}

/** What is there already must pass, or is left alone; what is not there yet is inserted whatever the filter says. */
function unlessNewerIsThere(entries: readonly IndexEntry[]): PointFilter {
  const byVersion = new Map<string, { readonly payload: IndexPayload; readonly ids: ImageId[] }>()
  for (const { imageId, payload } of entries) {
    const key = `${payload.personId} ${payload.rev}`
    const version = byVersion.get(key)
    if (version === undefined) byVersion.set(key, { payload, ids: [imageId] })
    else version.ids.push(imageId)
  }
  const newer = [...byVersion.values()].map(({ payload, ids }) => ({
    must: [{ has_id: ids }, isOf(payload.personId), { key: 'rev', range: { gt: payload.rev } }],
  }))
  return { must_not: newer }
}

function toPoint({ imageId, descriptor, payload }: IndexEntry): Schemas['PointStruct'] {
  return { id: imageId, vector: Array.from(descriptor.values), payload: toPointPayload(payload) }
}

/** A person without an external id has no such field. */
function toPointPayload({ personId, groups, name, externalId, rev }: IndexPayload): Record<string, unknown> {
  return { personId, groups, name, ...(externalId !== null && { externalId }), rev }
}

/** One atomic step per shard and replica: all the person's points there that have a smaller rev. */
export async function overwritePayload(
  calls: QdrantCalls,
  { collection, payload }: { readonly collection: string; readonly payload: IndexPayload },
  waiting?: Waiting,
): Promise<void> {
  const filter = { must: [isOf(payload.personId), { key: 'rev', range: { lt: payload.rev } }] }
  const request = { collection_name: collection, wait: true, payload: toPointPayload(payload), filter }
  await calls.run(
    async (api, { init, timeout }) => completed(await api.overwritePayload({ ...request, timeout }, init)),
    waiting,
  )
}

export async function deletePoints(
  calls: QdrantCalls,
  { collection, imageIds }: { readonly collection: string; readonly imageIds: readonly ImageId[] },
  waiting?: Waiting,
): Promise<void> {
  for (let at = 0; at < imageIds.length; at += IDS_PER_CALL) {
    const points = imageIds.slice(at, at + IDS_PER_CALL)
    await calls.run(
      async (api, { init, timeout }) =>
        completed(await api.deletePoints({ collection_name: collection, wait: true, timeout, points }, init)),
      waiting,
    )
  }
}

function isOf(personId: PersonId): PointCondition {
  return { key: 'personId', match: { value: personId } }
}

/** Qdrant also answers 200 for a write that is only noted down and not yet to be found. */
function completed<Answer extends { readonly data: { readonly result?: Schemas['UpdateResult'] } }>(
  answer: Answer,
): Answer {
  const status = answer.data.result?.status
  if (status !== 'completed') throw new QdrantFault(`qdrant has not carried out a write: ${status}`)
  return answer
}
