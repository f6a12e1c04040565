import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ClusterStores, maxPictureBytes, openClusterStores } from '@semblance/cluster'
import { engineOptionsOf, linkOptionsOf } from '@semblance/config'
import { type Clock, type FaceEngine, onlyGallery, tracedGallery, tracedStages } from '@semblance/core'
import { countingFaces, openOnnxFaceEngine, openPack, type PackProgress, packIdOf } from '@semblance/engine'
import { createImageLinks } from '@semblance/image-links'
import {
  createDamageLog,
  createDependencies,
  createMetrics,
  type Logger,
  type Metrics,
  type MissingDependency,
  openOpsServer,
  type ProcessTrust,
  type Tracing,
} from '@semblance/telemetry'
import type { WorkerConfig } from './config.ts'
import { consumeJobs } from './consume-jobs.ts'

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
  readonly version: string
}
const LOADING: MissingDependency = { name: 'networks', reason: 'they are being loaded' }
const STOPPING: MissingDependency = { name: 'process', reason: 'it is stopping' }

export interface Worker {
  readonly opsUrl: string
  readonly pack: string
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

/** Jobs to descriptors to index. Its networks are loaded once resolved; it takes jobs as soon as every server is there. */
export async function openWorker(deps: WorkerDeps): Promise<Worker> {
  await using resources = new AsyncDisposableStack()
  const { config, logger } = deps
  const metrics = createMetrics()
  deps.trust.countWith(metrics.countUnexpected)
  const clock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }
  let missing = async (): Promise<readonly MissingDependency[]> => [LOADING]
  const ops = await openOpsServer({
    host: config.SEMBLANCE_OPS_HOST,
    port: config.SEMBLANCE_OPS_PORT,
    missing: () => missing(),
    renderMetrics: () => metrics.render(),
    onFault: (fault) => logger.warn({ err: fault }, 'HTTP server for operators'),
  })
  resources.defer(() => ops.close())
  const engine = await openEngine({ ...deps, metrics }, resources)
  const stores = openStores({ ...deps, metrics, clock, engine }, resources)
  const links = createImageLinks({
    maxBytes: maxPictureBytes(config),
    ...linkOptionsOf(config),
    observe: metrics.observeImageLink,
    onFault: (message) => logger.warn(message),
  })
  resources.defer(() => links.close())

  const { opened: storesOpened, gallery, importing, largeInFlight } = stores
  const jobs = {
    engine,
    galleryOf: onlyGallery(tracedGallery(gallery, deps.tracing)),
    importing,
    links,
    observe: tracedStages(metrics.observeStage),
    tracing: deps.tracing ?? undefined,
  }
  const consuming = consumeJobs({ config, logger, metrics, clock, storesOpened, largeInFlight, jobs })
  resources.defer(() => consuming.close())
  metrics.setBuildInfo({ version, pack: engine.packId })
  const dependencies = createDependencies({ ...stores.checks, redis: () => consuming.check() })
  metrics.setDependencies(dependencies)
  missing = dependencies.missing
  resources.defer(async () => {
    missing = async () => [STOPPING]
  })
  const open = resources.move()
  return { opsUrl: ops.url, pack: engine.packId, opened: consuming.opened, close: () => open.disposeAsync() }
}

function openStores(
  deps: WorkerDeps & { readonly metrics: Metrics; readonly clock: Clock; readonly engine: FaceEngine },
  resources: AsyncDisposableStack,
): ClusterStores {
  const { config, logger, metrics, clock, engine } = deps
  const stores = openClusterStores({
    settings: config,
    pack: engine,
    clock,
    appName: 'semblance-worker',
    logger,
    recall: { share: config.SEMBLANCE_RECALL_SHARE, observer: metrics },
    onDamage: createDamageLog({ logger, metrics }),
  })
  resources.defer(() => stores.close())
  return stores
}

async function openEngine(
  deps: WorkerDeps & { readonly metrics: Metrics },
  resources: AsyncDisposableStack,
): Promise<FaceEngine> {
  const { config, logger, metrics } = deps
  const pack = await openPack({
    packsFolder: config.SEMBLANCE_PACKS,
    modelsFolder: config.SEMBLANCE_MODELS,
    packId: config.SEMBLANCE_PACK,
    onProgress: deps.onPackProgress,
  })
  const engine = await openOnnxFaceEngine({
    pack,
    ...engineOptionsOf(config),
    observe: tracedStages(metrics.observeStage),
    onWarning: (message) => logger.warn({}, message),
    onThreadDeath: (cause) => {
      metrics.countUnexpected('thread')
      logger.error({ err: cause }, 'a thread died; another takes its place')
    },
  })
  resources.defer(() => engine.close())
  metrics.setDecodingLoad(() => engine.decodingLoad)
  logger.info({ pack: packIdOf(pack.manifest), provider: engine.executionProvider }, 'networks loaded')
  return countingFaces(engine, metrics)
}
