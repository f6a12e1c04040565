import type { PackId } from '@semblance/core'
import { z } from 'zod'
import type { CollectionLayout } from './collection-layout.ts'
import { collectionNames } from './collection-names.ts'

export interface QdrantDescription {
  readonly version: string
  /** 1 if clustering is off. */
  readonly nodes: number
  /** Null: there is none yet. */
  readonly collection: (CollectionLayout & { readonly status: string; readonly points: number }) | null
}

export interface QdrantToDescribe {
  readonly url: string
  readonly apiKey?: string | undefined
  readonly prefix: string
  readonly packId: PackId
}

const ANSWER_MS = 5_000

const rootAnswer = z.object({ version: z.string() })
const clusterAnswer = z.object({ result: z.object({ peers: z.record(z.string(), z.unknown()).default({}) }) })
const collectionAnswer = z.object({
  result: z.object({
    status: z.string(),
    points_count: z.number().nullish(),
    config: z.object({
      params: z.object({
        vectors: z.object({ size: z.number() }),
        shard_number: z.number().default(1),
        replication_factor: z.number().default(1),
        write_consistency_factor: z.number().default(1),
      }),
      quantization_config: z.unknown(),
    }),
  }),
})

/** Asks one node about itself and the collection of a pack. Throws what `fetch` throws, and for a strange answer. */
export async function describeQdrant(asked: QdrantToDescribe): Promise<QdrantDescription> {
  const { version } = rootAnswer.parse(await ask(asked, '/'))
  const cluster = clusterAnswer.parse(await ask(asked, '/cluster'))
  const { alias } = collectionNames(asked.prefix, asked.packId)
  const answer = await ask(asked, `/collections/${encodeURIComponent(alias)}`)
  return {
    version,
    nodes: Math.max(1, Object.keys(cluster.result.peers).length),
    collection: answer === null ? null : collectionOf(collectionAnswer.parse(answer)),
  }
}

function collectionOf({ result }: z.infer<typeof collectionAnswer>): QdrantDescription['collection'] {
  const { params, quantization_config: quantization } = result.config
  return {
    status: result.status,
    points: result.points_count ?? 0,
    dimensions: params.vectors.size,
    shardNumber: params.shard_number,
    replicationFactor: params.replication_factor,
    writeConsistencyFactor: params.write_consistency_factor,
    quantization: quantization == null ? 'none' : 'int8',
  }
}

/** Null for 404. */
async function ask({ url, apiKey }: QdrantToDescribe, path: string): Promise<unknown> {
  const headers = apiKey === undefined ? {} : { 'api-key': apiKey }
  const answer = await fetch(`${url.replace(/\/+$/, '')}${path}`, {
    headers,
    signal: AbortSignal.timeout(ANSWER_MS),
  })
  if (answer.status === 404) return null
  if (!answer.ok) throw new Error(`it answered ${answer.status}`)
  return answer.json()
}
