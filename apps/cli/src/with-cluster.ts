import { type ClusterStores, openClusterStores, type PackSummary, readPackSummary } from '@semblance/cluster'
import { type Clock, type GalleryPacks, orAborted } from '@semblance/core'
import { createLogger } from '@semblance/telemetry'
import { type ClusterCommandConfig, clusterCommandSchema } from './cluster-config.ts'
import { EXIT } from './command/exit-codes.ts'
import { readEnvironment } from './command/read-environment.ts'
import { CommandFault } from './server/command-fault.ts'
import { servingPack } from './verify/serving-pack.ts'

/** A command is given up rather than left waiting for a server that may never come. */
const OPEN_TIMEOUT_MS = 30_000

export interface ClusterWork {
  readonly settings: ClusterCommandConfig
  readonly gallery: ClusterStores['gallery']
  readonly records: ClusterStores['records']
  /** The pack whose descriptors are searched. */
  readonly pack: Pick<PackSummary, 'packId' | 'dimensions'>
  /** The packs of the gallery: the one that serves, and the other one. */
  readonly packs: GalleryPacks
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal
}

/** What the environment says of a cluster, and the pack that it names. */
export async function readClusterSettings(): Promise<{
  readonly config: ClusterCommandConfig
  readonly pack: PackSummary
}> {
  const config = readEnvironment(clusterCommandSchema)
  return { config, pack: await readPackSummary(config.SEMBLANCE_PACKS, config.SEMBLANCE_PACK) }
}

/** Runs a command on the stores of the cluster that the environment names. Throws a `CommandFault` if they stay away. */
export async function withCluster<T>(
  signal: AbortSignal,
  work: (cluster: ClusterWork) => Promise<T>,
): Promise<T> {
  const { config, pack } = await readClusterSettings()
  const logger = createLogger({ level: config.SEMBLANCE_LOG_LEVEL, base: { app: 'cli' } })
  const clock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }
  const cluster = openClusterStores({
    settings: config,
    pack,
    packsFolder: config.SEMBLANCE_PACKS,
    clock,
    appName: 'semblance-cli',
    logger,
    opensAnyway: true,
  })
  try {
    await untilOpened(cluster, signal)
    const { packs } = await (await cluster.packs).read()
    return await work({
      packs,
      settings: config,
      gallery: cluster.gallery,
      records: cluster.records,
      pack: packs.serving === pack.packId ? pack : await servingPack(config, packs.serving),
      signal,
    })
  } finally {
    await cluster.close()
  }
}

async function untilOpened({ opened }: ClusterStores, signal: AbortSignal): Promise<void> {
  const late = AbortSignal.timeout(OPEN_TIMEOUT_MS)
  try {
    await orAborted(opened, AbortSignal.any([signal, late]))
  } catch (fault) {
    if (signal.aborted || !late.aborted) throw fault
    const seconds = OPEN_TIMEOUT_MS / 1000
    throw new CommandFault(`the servers of the cluster do not answer within ${seconds} s`, EXIT.noServer)
  }
}
