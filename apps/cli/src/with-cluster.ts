import {
  type AvailabilityWait,
  type ClusterStores,
  openClusterStores,
  type PackSummary,
  readPackSummary,
  untilAvailable,
} from '@semblance/cluster'
import { type Clock, type GalleryPacks, orAborted } from '@semblance/core'
import { describeMongo } from '@semblance/store-mongo'
import { createLogger } from '@semblance/telemetry'
import { type StoresCommandConfig, storesCommandSchema } from './cluster-config.ts'
import { EXIT } from './command/exit-codes.ts'
import { readEnvironment } from './command/read-environment.ts'
import { CommandFault, wrongUse } from './server/command-fault.ts'
import { type PackSettings, servingPack } from './verify/serving-pack.ts'

/** A command is given up rather than left waiting for a server that may never come. */
const OPEN_TIMEOUT_MS = 30_000
const APP_NAME = 'semblance-cli'

export interface ClusterWork {
  readonly settings: StoresCommandConfig
  readonly gallery: ClusterStores['gallery']
  /** Pictures that wait for their row of an import. */
  readonly staged: ClusterStores['importing']['staged']
  readonly records: ClusterStores['records']
  /** The pack whose descriptors are searched. */
  readonly pack: Pick<PackSummary, 'packId' | 'dimensions'>
  /** The packs of the gallery: the one that serves, and the other one. */
  readonly packs: GalleryPacks
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal
}

/** The pack that a new gallery would get. */
export function packOfSettings({ SEMBLANCE_PACKS, SEMBLANCE_PACK }: PackSettings): Promise<PackSummary> {
  return readPackSummary(SEMBLANCE_PACKS, SEMBLANCE_PACK)
}

interface ClusterOpening {
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal
  /** True: a gallery that is not there is made. Otherwise it is told, and nothing is made: a name may be mistyped. */
  readonly makesGallery?: boolean
}

/** Runs a command on the stores of the cluster that the environment names. Throws a `CommandFault` if they stay away. */
export async function withCluster<T>(
  { signal, makesGallery = false }: ClusterOpening,
  work: (cluster: ClusterWork) => Promise<T>,
): Promise<T> {
  const config = readEnvironment(storesCommandSchema)
  const pack = await packOfSettings(config)
  const logger = createLogger({ level: config.SEMBLANCE_LOG_LEVEL, base: { app: 'cli' } })
  const clock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }
  const patience = new Patience(signal)
  const { onWaiting } = patience
  if (!makesGallery) await patience.keep((given) => requireGallery(config, { ...given, logger, onWaiting }))
  const cluster = openClusterStores({
    settings: config,
    pack,
    packsFolder: config.SEMBLANCE_PACKS,
    clock,
    appName: APP_NAME,
    logger,
    onWaiting,
    opensAnyway: true,
  })
  try {
    await patience.keep((given) => orAborted(cluster.opened, given.signal))
    const { packs } = await (await cluster.packs).read()
    return await work({
      packs,
      settings: config,
      gallery: cluster.gallery,
      staged: cluster.importing.staged,
      records: cluster.records,
      pack: packs.serving === pack.packId ? pack : await servingPack(config, packs.serving),
      signal,
    })
  } finally {
    await cluster.close()
  }
}

/** Of a mistyped name a new, empty gallery would be made, which is always in order. */
async function requireGallery(
  { SEMBLANCE_MONGO_URL: url, SEMBLANCE_NAME: databaseName }: StoresCommandConfig,
  wait: Omit<AvailabilityWait, 'what'>,
): Promise<void> {
  const describe = () => describeMongo({ url, databaseName, appName: APP_NAME })
  const { pack } = await untilAvailable(describe, { ...wait, what: 'MongoDB' })
  if (pack !== null) return
  throw wrongUse(
    `MongoDB has no gallery named "${databaseName}", and none was made. SEMBLANCE_NAME or SEMBLANCE_MONGO_URL is not that of the gateways, or no gateway has ever started, or MongoDB has lost its data`,
  )
}

/** How long all waits of a command for servers take together, and what they were for. */
class Patience {
  readonly #stopped: AbortSignal
  readonly #late = AbortSignal.timeout(OPEN_TIMEOUT_MS)
  #waitsFor: string | null = null

  constructor(stopped: AbortSignal) {
    this.#stopped = stopped
  }

  readonly onWaiting = (what: string, reason: string): void => {
    this.#waitsFor = `${what} does not answer within ${OPEN_TIMEOUT_MS / 1000} s (${reason})`
  }

  /** Throws a `CommandFault` once the time is over. */
  async keep<T>(work: (waiting: { readonly signal: AbortSignal }) => Promise<T>): Promise<T> {
    try {
      return await work({ signal: AbortSignal.any([this.#stopped, this.#late]) })
    } catch (fault) {
      if (this.#stopped.aborted || !this.#late.aborted) throw fault
      const what = this.#waitsFor ?? 'the servers of the cluster do not answer in time'
      throw new CommandFault(`${what}. "semblance doctor" looks at each of them`, EXIT.noServer)
    }
  }
}
