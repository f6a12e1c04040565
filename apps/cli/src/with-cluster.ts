import { type ClusterStores, openClusterStores, type PackSummary, readPackSummary } from '@semblance/cluster'
import { clusterVariables, readConfig, warningLine } from '@semblance/config'
import { type Clock, orAborted } from '@semblance/core'
import { createLogger, say, untilToldToStop } from '@semblance/telemetry'
import { type ClusterCommandConfig, clusterCommandSchema } from './cluster-config.ts'

/** A command is given up rather than left waiting for a server that may never come. */
const OPEN_TIMEOUT_MS = 30_000

export interface ClusterWork {
  readonly settings: ClusterCommandConfig
  readonly gallery: ClusterStores['gallery']
  readonly records: ClusterStores['records']
  readonly pack: PackSummary
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal
}

/** Runs a command on the stores of the cluster that the environment names. */
export async function withCluster<T>(work: (cluster: ClusterWork) => Promise<T>): Promise<T> {
  // biome-ignore lint/style/noProcessEnv: the one place that reads the environment
  const config = readConfig(clusterCommandSchema, process.env, {
    readElsewhere: clusterVariables,
    warn: (warning) => say(warningLine(warning)),
  })
  const logger = createLogger({ level: config.SEMBLANCE_LOG_LEVEL, base: { app: 'cli' } })
  const clock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }
  const pack = await readPackSummary(config.SEMBLANCE_PACKS, config.SEMBLANCE_PACK)
  const cluster = openClusterStores({
    settings: config,
    pack,
    clock,
    appName: 'semblance-cli',
    logger,
    opensAnyway: true,
  })
  const stopping = new AbortController()
  void untilToldToStop().then(() => stopping.abort(new Error('stopped by the user')))
  try {
    const late = AbortSignal.any([stopping.signal, AbortSignal.timeout(OPEN_TIMEOUT_MS)])
    await orAborted(cluster.opened, late)
    return await work({
      settings: config,
      gallery: cluster.gallery,
      records: cluster.records,
      pack,
      signal: stopping.signal,
    })
  } finally {
    await cluster.close()
  }
}
