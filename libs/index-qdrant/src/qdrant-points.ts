import type { Schemas } from '@qdrant/js-client-rest'
import type { Descriptor, ImageId, PackId, PersonId, Waiting } from '@semblance/core'
import type { PointSource, StoredPoint } from './find-candidates.ts'
import { pointFilter } from './point-filter.ts'
import type { QdrantCalls } from './qdrant-calls.ts'
import { QdrantFault } from './qdrant-fault.ts'
import { EXACT, type SearchBeam } from './search-beam.ts'

export interface PointReading {
  /** Name of a collection or alias. */
  readonly collection: string
  readonly packId: PackId
  readonly quantization: 'none' | 'int8'
  /** Of questions about anybody; those about a few persons are answered exactly. */
  readonly beam: SearchBeam
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
    nearest: async ({ circle, minScore, limit, withDescriptors }) => {
      const filter = pointFilter(circle)
      if (filter === 'nobody') return []
      const request = {
        collection_name: reading.collection,
        query,
        ...(filter !== null && { filter }),
        limit,
        score_threshold: minScore,
        params: searchParams(reading.quantization, circle.only === null ? reading.beam : EXACT),
        with_payload: ['personId'],
        with_vector: withDescriptors,
      }
      const { points } = await calls.run(
        (api, { init, timeout }) => api.queryPoints({ ...request, timeout }, init),
        waiting,
      )
      return points.map((point) => ({
        imageId: point.id as ImageId,
        personId: personOf(point),
        score: point.score,
        descriptor: withDescriptors ? descriptorOf(point, reading) : null,
      }))
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

function searchParams(quantization: 'none' | 'int8', beam: SearchBeam): Schemas['SearchParams'] {
  if (quantization === 'none') return beam
  return { ...beam, quantization: { rescore: true, oversampling: OVERSAMPLING } }
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
  return points.map((point) => ({
    imageId: point.id as ImageId,
    personId: personOf(point),
    descriptor: descriptorOf(point, reading),
  }))
}

function descriptorOf({ vector }: { readonly vector?: unknown }, { packId }: PointReading): Descriptor {
  if (!Array.isArray(vector)) throw new QdrantFault('qdrant answered a point without its vector')
  return { packId, values: Float32Array.from(vector) }
}

function personOf({ payload }: { readonly payload?: unknown }): PersonId {
  const personId = (payload as { readonly personId?: unknown } | null | undefined)?.personId
  if (typeof personId !== 'string') throw new QdrantFault('qdrant answered a point of nobody')
  return personId as PersonId
}
