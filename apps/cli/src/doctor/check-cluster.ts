import { type PackSummary, readPackSummary } from '@semblance/cluster'
import { amount, type PackId } from '@semblance/core'
import type { LayoutDifference } from '@semblance/index-qdrant'
import type { MongoDescription } from '@semblance/store-mongo'
import { clockFinding } from './check-server.ts'
import { type Finding, fine, note, reasonOf, wrong } from './finding.ts'

export interface ClusterServers {
  readonly SEMBLANCE_PACKS: string
  readonly SEMBLANCE_NAME: string
  readonly SEMBLANCE_REDIS_URL: string
  readonly SEMBLANCE_MONGO_URL: string
  readonly SEMBLANCE_QDRANT_URL: readonly string[]
  readonly SEMBLANCE_QDRANT_API_KEY?: string | undefined
  readonly SEMBLANCE_QDRANT_SHARDS: number
  readonly SEMBLANCE_QDRANT_REPLICAS: number
  readonly SEMBLANCE_QDRANT_WRITE_CONSISTENCY: number
  readonly SEMBLANCE_QDRANT_QUANTIZATION: 'none' | 'int8'
}

type Pack = Pick<PackSummary, 'packId' | 'dimensions'>

/**
 * The servers of a cluster: reached, of a version that is known to do, and set as docs/cluster.md asks.
 * @param configured the pack of the settings, which goes for a gallery that has none yet
 */
export async function checkCluster(
  settings: ClusterServers,
  configured: Pack | null,
  stored: Promise<MongoDescription> = describeStore(settings),
): Promise<readonly Finding[]> {
  const pack = stored.then(
    (described) => packOf(described.pack, settings, configured),
    () => configured,
  )
  const checks = [
    checkRedis(settings),
    checkMongo(stored),
    ...settings.SEMBLANCE_QDRANT_URL.map((url) => checkQdrant(url, settings, pack)),
  ]
  return (await Promise.all(checks)).flat()
}

/** What MongoDB tells of itself and of the gallery in it. */
export async function describeStore({
  SEMBLANCE_MONGO_URL: url,
  SEMBLANCE_NAME: databaseName,
}: Pick<ClusterServers, 'SEMBLANCE_MONGO_URL' | 'SEMBLANCE_NAME'>): Promise<MongoDescription> {
  const { describeMongo } = await import('@semblance/store-mongo')
  return describeMongo({ url, databaseName, appName: 'semblance-doctor' })
}

/** Null: that pack is not at hand. */
async function packOf(
  serving: PackId | null,
  { SEMBLANCE_PACKS: folder }: ClusterServers,
  configured: Pack | null,
): Promise<Pack | null> {
  if (serving === null || serving === configured?.packId) return configured
  return readPackSummary(folder, serving).catch(() => null)
}

const NEWER = 'start a newer version, or restore an older backup'

async function checkRedis({ SEMBLANCE_REDIS_URL: url }: ClusterServers): Promise<readonly Finding[]> {
  const part = 'redis'
  try {
    const { describeRedis } = await import('@semblance/queue-bullmq')
    const { version, maxmemoryPolicy, hasAppendOnlyFile, isReplica, nowMs } = await describeRedis(url)
    return [
      checkVersion(part, version, '6.2'),
      maxmemoryPolicy === 'noeviction'
        ? fine(part, 'maxmemory-policy noeviction')
        : wrong(
            part,
            `maxmemory-policy ${maxmemoryPolicy}: an evicted key is a lost job`,
            'set maxmemory-policy noeviction',
          ),
      hasAppendOnlyFile
        ? fine(part, 'appendonly yes')
        : wrong(part, 'appendonly no: a restart loses the jobs that wait', 'set appendonly yes'),
      ...(isReplica
        ? [wrong(part, 'it is a replica, which takes no writes', 'set SEMBLANCE_REDIS_URL to the primary')]
        : []),
      ...clockFinding('clock of redis', nowMs),
    ]
  } catch (fault) {
    return [wrong(part, reasonOf(fault), 'start it, or set SEMBLANCE_REDIS_URL')]
  }
}

async function checkMongo(stored: Promise<MongoDescription>): Promise<readonly Finding[]> {
  const part = 'mongodb'
  try {
    const { version, replicaSet, nowMs, schema } = await stored
    const alone = 'it is no replica set: the loss of its disk is the loss of the gallery'
    return [
      checkVersion(part, version, '7.0'),
      replicaSet === null
        ? note(part, alone, 'run a replica set of three, and name it in SEMBLANCE_MONGO_URL')
        : fine(part, `replica set ${replicaSet}`),
      schema.found > schema.known
        ? wrong(part, `schema ${schema.found}, and this version knows ${schema.known}`, NEWER)
        : fine(part, `schema ${schema.found}, this version writes ${schema.known}`),
      ...clockFinding('clock of mongodb', nowMs),
    ]
  } catch (fault) {
    return [wrong(part, reasonOf(fault), 'start it, or set SEMBLANCE_MONGO_URL')]
  }
}

async function checkQdrant(
  url: string,
  settings: ClusterServers,
  known: Promise<Pack | null>,
): Promise<readonly Finding[]> {
  const part = 'qdrant'
  const at = URL.parse(url)?.host ?? url
  try {
    const pack = await known
    if (pack === null) return []
    const { describeQdrant, layoutDifferences, layoutOn } = await import('@semblance/index-qdrant')
    const {
      SEMBLANCE_QDRANT_API_KEY: apiKey,
      SEMBLANCE_NAME: prefix,
      SEMBLANCE_QDRANT_REPLICAS: replicas,
    } = settings
    const { version, nodes, collection } = await describeQdrant({ url, apiKey, prefix, packId: pack.packId })
    const few = `${amount(nodes, 'node')} for ${amount(replicas, 'replica')} of each shard`
    return [
      checkVersion(`${part} ${at}`, version, '1.16'),
      nodes >= replicas ? fine(part, few) : note(part, few, 'add nodes, or set SEMBLANCE_QDRANT_REPLICAS'),
      ...(collection === null
        ? [note(part, 'there is no collection yet', 'the first process makes it')]
        : checkCollection(
            collection,
            pack,
            layoutDifferences(collection, layoutOn(nodes, layoutOf(settings))),
          )),
    ]
  } catch (fault) {
    return [
      wrong(
        `${part} ${at}`,
        reasonOf(fault),
        'start it, or set SEMBLANCE_QDRANT_URL and SEMBLANCE_QDRANT_API_KEY',
      ),
    ]
  }
}

interface Collection {
  readonly status: string
  readonly dimensions: number
  readonly points: number
}

/** What the settings ask of a new collection. */
function layoutOf(settings: ClusterServers) {
  return {
    shardNumber: settings.SEMBLANCE_QDRANT_SHARDS,
    replicationFactor: settings.SEMBLANCE_QDRANT_REPLICAS,
    writeConsistencyFactor: settings.SEMBLANCE_QDRANT_WRITE_CONSISTENCY,
    quantization: settings.SEMBLANCE_QDRANT_QUANTIZATION,
  }
}

function checkCollection(
  found: Collection,
  pack: Pack,
  differences: readonly LayoutDifference[],
): readonly Finding[] {
  const part = 'index'
  const rebuild = 'semblance index rebuild'
  return [
    found.dimensions === pack.dimensions
      ? fine(part, `${found.points} vectors of ${found.dimensions} numbers`)
      : wrong(part, `vectors of ${found.dimensions} numbers, and the pack has ${pack.dimensions}`, rebuild),
    ...(differences.length === 0 ? [fine(part, 'made as the settings ask')] : []),
    ...differences.map(({ what, found: is, wanted }) =>
      note(part, `${what}: ${is}, and the settings ask for ${wanted}`, `${rebuild} applies them`),
    ),
    found.status === 'red'
      ? wrong(part, 'status red: a part of it has failed', 'look into the log of Qdrant')
      : fine(part, `status ${found.status}`),
  ]
}

function checkVersion(part: string, version: string, oldest: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = oldest.split('.').map(Number)
  const isNew = major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
  return isNew
    ? fine(part, `version ${version}`)
    : wrong(part, `version ${version}`, `install ${oldest} or later`)
}
