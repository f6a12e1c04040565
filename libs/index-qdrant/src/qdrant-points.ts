import type { Schemas } from '@qdrant/js-client-rest'
import type { Descriptor, ImageId, PackId, PersonId, Waiting } from '@semblance/core'
import type { PointSource, ScoredPoint, StoredPoint } from './find-candidates.ts'
import { type PointFilter, pointFilter } from './point-filter.ts'
import type { QdrantCalls } from './qdrant-calls.ts'
import { EXACT, type SearchParams } from './search-params.ts'
import type { StrangePoints } from './strange-points.ts'

export interface PointReading {
  /** Name of a collection or alias. */
  readonly collection: string
  readonly packId: PackId
  readonly quantization: 'none' | 'int8'
  /** The parameters of questions about anybody; those about a few persons are answered exactly. */
  readonly params: SearchParams
  readonly strange: StrangePoints
}

/** int8 loses recall unless more are preselected and then scored with the float32 originals. */
const OVERSAMPLING = 3
const POINTS_PER_READ = 256

/** Answers one search's questions from Qdrant. */
export function qdrantPoints(
  calls: QdrantCalls,
  { reading, probe }: { readonly reading: PointReading; readonly probe: Descriptor },
  waiting?: Waiting,
): PointSource {
  const query = Array.from(probe.values)
  return {
    nearest: async ({ scope, minScore, limit, withDescriptors }) => {
      const filter = pointFilter(scope)
      if (filter === 'nobody') return []
      const request = {
        collection_name: reading.collection,
        query,
        limit,
        score_threshold: minScore,
        params: searchParams(reading.quantization, scope.only === null ? reading.params : EXACT),
        with_payload: ['personId'],
        with_vector: withDescriptors,
      }
      const ask = (wanted: PointFilter | null) =>
        calls.run(
          (api, { init, timeout }) =>
            api.queryPoints({ ...request, ...(wanted !== null && { filter: wanted }), timeout }, init),
          waiting,
        )
      // Qdrant is asked again until all points can be used: with some thrown away the answer would not be in full.
      for (;;) {
        const { points } = await ask(reading.strange.leftOut(filter))
        const usable = points.flatMap((point) => {
          const found = usableOf(point, { reading, withDescriptors })
          return found === null ? [] : [{ ...found, score: point.score }]
        })
        if (usable.length === points.length) return usable
        const strange = points.filter((point) => usableOf(point, { reading, withDescriptors }) === null)
        reading.strange.note(strange.map(({ id }) => id as string | number))
      }
    },
    read: async (imageIds) => {
      const batches = Array.from({ length: Math.ceil(imageIds.length / POINTS_PER_READ) }, (_, at) =>
        imageIds.slice(at * POINTS_PER_READ, (at + 1) * POINTS_PER_READ),
      )
      const read: StoredPoint[] = []
      for (const ids of batches) read.push(...(await readPoints(calls, { reading, ids }, waiting)))
      return read
    },
  }
}

function searchParams(quantization: 'none' | 'int8', params: SearchParams): Schemas['SearchParams'] {
  if (quantization === 'none') return params
  return { ...params, quantization: { rescore: true, oversampling: OVERSAMPLING } }
}

async function readPoints(
  calls: QdrantCalls,
  { reading, ids }: { readonly reading: PointReading; readonly ids: readonly ImageId[] },
  waiting?: Waiting,
): Promise<readonly StoredPoint[]> {
  const request = {
    collection_name: reading.collection,
    ids: [...ids],
    with_payload: ['personId'],
    with_vector: true,
  }
  const points = await calls.run(
    (api, { init, timeout }) => api.getPoints({ ...request, timeout }, init),
    waiting,
  )
  return points.flatMap((point) => {
    const found = usableOf(point, { reading, withDescriptors: true })
    return found?.descriptor == null ? [] : [{ ...found, descriptor: found.descriptor }]
  })
}

interface Point {
  readonly id: unknown
  readonly payload?: unknown
  readonly vector?: unknown
}

/** Answers null for a point that is nobody's, has a number for an id, or lacks the vector that was asked for. */
function usableOf(
  { id, payload, vector }: Point,
  { reading, withDescriptors }: { readonly reading: PointReading; readonly withDescriptors: boolean },
): Omit<ScoredPoint, 'score'> | null {
  const personId = (payload as { readonly personId?: unknown } | null | undefined)?.personId
  if (typeof id !== 'string' || typeof personId !== 'string') return null
  const owned = { imageId: id as ImageId, personId: personId as PersonId }
  if (!withDescriptors) return { ...owned, descriptor: null }
  if (!Array.isArray(vector)) return null
  return { ...owned, descriptor: { packId: reading.packId, values: Float32Array.from(vector) } }
}
