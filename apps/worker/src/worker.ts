import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type ClusterStores,
  maxPictureBytes,
  openClusterStores,
  type PackSummary,
  readPackSummary,
} from '@semblance/cluster'
import { linkOptionsOf } from '@semblance/config'
import { type Clock, onlyGallery, tracedGallery, tracedStages } from '@semblance/core'
import type { PackProgress } from '@semblance/engine'
import { createImageLinks } from '@semblance/image-links'
import {
  createDamageLog,
  createDependencies,
  createMetrics,
  createSayWaiting,
  type Logger,
  type Metrics,
  type MissingDependency,
  openOpsServer,
  type ProcessTrust,
  type Tracing,
} from '@semblance/telemetry'
import type { WorkerConfig } from './config.ts'
import { type Consuming, consumeJobs } from './consume-jobs.ts'
import { openPacks } from './open-packs.ts'
import type { WorkerPacks } from './worker-packs.ts'

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
  readonly version: string
}
const STARTING: MissingDependency = { name: 'process', reason: 'it is starting' }
const LOADING: MissingDependency = { name: 'networks', reason: 'they are being loaded' }
const STOPPING: MissingDependency = { name: 'process', reason: 'it is stopping' }

export interface Worker {
  readonly opsUrl: string
  /** Resolves once it takes jobs; rejects on a fault that no waiting mends. */
  readonly opened: Promise<void>
  close(): Promise<void>
}

export interface WorkerDeps {
  readonly config: WorkerConfig
  readonly logger: Logger
  readonly trust: ProcessTrust
  /** Null: nothing is traced. */
  readonly tracing: Tracing | null
  readonly onPackProgress: (progress: PackProgress) => void
}

/**
 * Jobs to descriptors to index. Its networks are loaded as soon as the store says which ones the gallery goes by, and it takes
 * jobs then.
 */
export async function openWorker(deps: WorkerDeps): Promise<Worker> {
  await using resources = new AsyncDisposableStack()
  const { config, logger } = deps
  const metrics = createMetrics()
  deps.trust.countWith(metrics.countUnexpected)
  const clock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }
  let missing = async (): Promise<readonly MissingDependency[]> => [STARTING]
  const ops = await openOpsServer({
    host: config.SEMBLANCE_OPS_HOST,
    port: config.SEMBLANCE_OPS_PORT,
    missing: () => missing(),
    renderMetrics: () => metrics.render(),
    onFault: (fault) => logger.warn({ err: fault }, 'HTTP server for operators'),
  })
  resources.defer(() => ops.close())
  const pack = await readPackSummary(config.SEMBLANCE_PACKS, config.SEMBLANCE_PACK)
  const { packs, check } = openPacks({ ...deps, metrics, version, configured: pack.packId }, resources)
  const stores = openStores({ ...deps, metrics, clock, pack }, resources)
  const consuming = takeJobs({ ...deps, metrics, clock, stores, packs }, resources)
  const dependencies = createDependencies({
    ...stores.checks,
    redis: () => consuming.check(),
    engine: async () => check(),
  })
  metrics.setDependencies(dependencies)
  missing = async () => (packs.isLoading ? [LOADING] : dependencies.missing())
  resources.defer(async () => {
    missing = async () => [STOPPING]
  })
  const open = resources.move()
  return { opsUrl: ops.url, opened: consuming.opened, close: () => open.disposeAsync() }
}

interface Working extends WorkerDeps {
  readonly metrics: Metrics
  readonly clock: Clock
  readonly stores: ClusterStores
  readonly packs: WorkerPacks
}

function takeJobs(deps: Working, resources: AsyncDisposableStack): Consuming {
  const { config, logger, metrics, clock, stores, packs } = deps
  const links = createImageLinks({
    maxBytes: maxPictureBytes(config),
    ...linkOptionsOf(config),
    observe: metrics.observeImageLink,
    onFault: (message) => logger.warn(message),
  })
  resources.defer(() => links.close())
  const { gallery, importing, largeInFlight } = stores
  // No job is taken before the packs of the gallery are loaded.
  const storesOpened = stores.packs.then((known) =>
    packs.follow({ known, settleMs: gallery.index.registrySettleMs }),
  )
  storesOpened.catch(() => {})
  const jobs = {
    packs,
    galleryOf: onlyGallery(tracedGallery(gallery, deps.tracing)),
    importing,
    links,
    observe: tracedStages(metrics.observeStage),
    tracing: deps.tracing ?? undefined,
  }
  const told = { config, logger, metrics, clock, largeInFlight }
  const inMemory = { packs: () => packs.loaded, deadPacks: () => packs.dead }
  const consuming = consumeJobs({ ...told, storesOpened, jobs, ...inMemory })
  resources.defer(() => consuming.close())
  return consuming
}

function openStores(
  deps: WorkerDeps & { readonly metrics: Metrics; readonly clock: Clock; readonly pack: PackSummary },
  resources: AsyncDisposableStack,
): ClusterStores {
  const { config, logger, metrics, clock, pack } = deps
  const stores = openClusterStores({
    settings: config,
    pack,
    packsFolder: config.SEMBLANCE_PACKS,
    clock,
    appName: 'semblance-worker',
    logger,
    onWaiting: createSayWaiting(),
    recall: { share: config.SEMBLANCE_RECALL_SHARE, observer: metrics },
    onDamage: createDamageLog({ logger, metrics }),
    onImportRow: metrics.countImportRow,
  })
  resources.defer(() => stores.close())
  return stores
}
