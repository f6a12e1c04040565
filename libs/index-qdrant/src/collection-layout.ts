import { setTimeout as sleep } from 'node:timers/promises'
import type { Waiting } from '@semblance/core'
import { isMissingCollection, type QdrantCalls } from './qdrant-calls.ts'
import { QdrantFault } from './qdrant-fault.ts'

export interface CollectionLayout {
  readonly dimensions: number
  /** The number of shards, fixed for the life of a collection; 12 divides well among 1, 2, 3, 4, 6 and 12 nodes. */
  readonly shardNumber: number
  readonly replicationFactor: number
  readonly writeConsistencyFactor: number
  readonly quantization: 'none' | 'int8'
}

/** A collection is spread over all nodes through consensus, which takes longer than any search may. */
const LAYOUT_TIMEOUT_MS = 60_000

const LOOK_EVERY_MS = 500
const MAX_LOOKS = 1_200

const PAYLOAD_INDEXES = {
  personId: 'keyword',
  groups: 'keyword',
  name: 'keyword',
  externalId: 'keyword',
  rev: 'integer',
} as const

/** Makes the collection with its payload indexes, all before any point: later ones would not shape the graph. */
export async function createCollection(
  calls: QdrantCalls,
  { collection, layout }: { readonly collection: string; readonly layout: CollectionLayout },
  waiting?: Waiting,
): Promise<void> {
  if (!(await collectionExists(calls, collection, waiting)))
    await calls.run(
      (api, { init, timeout }) =>
        api
          .createCollection({ collection_name: collection, timeout, ...collectionConfig(layout) }, init)
          .catch(ignoreStatus(409, { data: { result: true } })),
      waiting,
      LAYOUT_TIMEOUT_MS,
    )
  for (const [field, type] of Object.entries(PAYLOAD_INDEXES))
    await calls.run(
      (api, { init }) =>
        api.createFieldIndex(
          { collection_name: collection, wait: true, field_name: field, field_schema: type },
          init,
        ),
      waiting,
      LAYOUT_TIMEOUT_MS,
    )
}

function collectionConfig(layout: CollectionLayout) {
  return {
    // The distance is Dot, since descriptors have unit length: Cosine would normalise them again and store other numbers than ours.
    vectors: { size: layout.dimensions, distance: 'Dot' as const },
    shard_number: layout.shardNumber,
    replication_factor: layout.replicationFactor,
    write_consistency_factor: layout.writeConsistencyFactor,
    ...(layout.quantization === 'int8' && {
      quantization_config: { scalar: { type: 'int8' as const, always_ram: true } },
    }),
  }
}

/** Two processes that open a new gallery at once make the same collection. */
function ignoreStatus<T>(status: number, answer: T): (fault: unknown) => T {
  return (fault) => {
    if (fault instanceof Error && 'status' in fault && fault.status === status) return answer
    throw fault
  }
}

async function collectionExists(calls: QdrantCalls, collection: string, waiting?: Waiting): Promise<boolean> {
  const { exists } = await calls.run(
    (api, { init }) => api.collectionExists({ collection_name: collection }, init),
    waiting,
  )
  return exists
}

/** Deletes the collection; one that is gone already is fine. */
export async function deleteCollection(
  calls: QdrantCalls,
  collection: string,
  waiting?: Waiting,
): Promise<void> {
  await calls.run(
    (api, { init, timeout }) => api.deleteCollection({ collection_name: collection, timeout }, init),
    waiting,
    LAYOUT_TIMEOUT_MS,
  )
}

export async function listCollections(calls: QdrantCalls, waiting?: Waiting): Promise<readonly string[]> {
  const { collections } = await calls.run((api, { init }) => api.getCollections({}, init), waiting)
  return collections.map(({ name }) => name)
}

/** The collection behind the alias; null if there is none. */
export async function readAlias(
  calls: QdrantCalls,
  alias: string,
  waiting?: Waiting,
): Promise<string | null> {
  const { aliases } = await calls.run((api, { init }) => api.getCollectionsAliases({}, init), waiting)
  return aliases.find(({ alias_name }) => alias_name === alias)?.collection_name ?? null
}

/** Turns the alias in one step: a search goes to the former collection or to this one. */
export async function pointAlias(
  calls: QdrantCalls,
  target: { readonly alias: string; readonly collection: string },
  waiting?: Waiting,
): Promise<void> {
  const create = { collection_name: target.collection, alias_name: target.alias }
  await calls.run(
    (api, { init, timeout }) => api.updateAliases({ timeout, actions: [{ create_alias: create }] }, init),
    waiting,
    LAYOUT_TIMEOUT_MS,
  )
}

/** How the collection was made; null if it is not there. */
export async function readLayout(
  calls: QdrantCalls,
  collection: string,
  waiting?: Waiting,
): Promise<CollectionLayout | null> {
  try {
    const { config } = await calls.run(
      (api, { init }) => api.getCollection({ collection_name: collection }, init),
      waiting,
    )
    const { vectors, shard_number, replication_factor, write_consistency_factor } = config.params
    return {
      dimensions: typeof vectors?.size === 'number' ? vectors.size : 0,
      shardNumber: shard_number ?? 1,
      replicationFactor: replication_factor ?? 1,
      writeConsistencyFactor: write_consistency_factor ?? 1,
      quantization: config.quantization_config == null ? 'none' : 'int8',
    }
  } catch (fault) {
    if (isMissingCollection(fault)) return null
    throw fault
  }
}

/**
 * Waits until the graphs of a filled collection are built: searches before would be right, but look at every point.
 * Gives up after a while, since a flood of writes can keep them from ever being finished.
 */
export async function untilIndexed(calls: QdrantCalls, collection: string, waiting?: Waiting): Promise<void> {
  for (let looks = 0; looks < MAX_LOOKS; looks++) {
    const { status } = await calls.run(
      (api, { init }) => api.getCollection({ collection_name: collection }, init),
      waiting,
    )
    if (status !== 'yellow') return
    await sleep(LOOK_EVERY_MS, undefined, waiting).catch(() => undefined)
    waiting?.signal?.throwIfAborted()
  }
}

/** Nodes of the cluster; 1 if clustering is off. */
export async function countNodes(calls: QdrantCalls, waiting?: Waiting): Promise<number> {
  const status = await calls.run((api, { init }) => api.clusterStatus({}, init), waiting)
  if (status.status !== 'enabled') return 1
  if (!('peers' in status)) throw new QdrantFault('qdrant answered no peers')
  return Object.keys(status.peers).length
}
