import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { apiConfigOf, createApi, createApiServer, pictureLifetimeMs, reachableUrl } from '@semblance/api'
import { engineOptionsOf, linkOptionsOf } from '@semblance/config'
import {
  type Clock,
  type FaceEngine,
  type JobQueue,
  onlyGallery,
  type PicturesInFlight,
  startForgettingReplies,
  startReconciler,
} from '@semblance/core'
import {
  countingFaces,
  type OpenedPack,
  openOnnxFaceEngine,
  openPack,
  type PackProgress,
  packIdOf,
} from '@semblance/engine'
import { createImageLinks } from '@semblance/image-links'
import { createJobHandlers, jobConcurrency, startImporting, startOperations } from '@semblance/jobs'
import { createInProcessJobQueue, createMemoryPicturesInFlight } from '@semblance/store-local'
import {
  createDamageLog,
  createDependencies,
  createMetrics,
  type Logger,
  listen,
  type Metrics,
  type ProcessTrust,
} from '@semblance/telemetry'
import { startCheckingDatabase } from './check-database.ts'
import type { StandaloneConfig } from './config.ts'
import { type PictureKeeping, startKeepingPictures } from './keep-pictures.ts'
import { type LocalStores, openLocalStores } from './local-stores.ts'

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
  readonly version: string
}
/** Looking costs a millisecond, and what has expired is to be erased within seconds. */
const RECONCILE_EVERY_MS = 2_000
const FORGET_REPLIES_EVERY_MS = 60_000
/** Bytes in memory of pictures that wait for their job. */
const IN_FLIGHT_BYTES = 256_000_000
/** A running request may take this long once the server has been told to stop. */
const DRAIN_MS = 20_000

export interface Standalone {
  readonly url: string
  readonly dataFolder: string
  readonly pack: string
  /** Descriptors that can be found. */
  readonly enrolled: number
  close(): Promise<void>
}

export interface StandaloneDeps {
  readonly config: StandaloneConfig
  readonly logger: Logger
  readonly trust: ProcessTrust
  readonly onPackProgress: (progress: PackProgress) => void
}

/** Gateway and worker in one process over local stores; listening once resolved. */
export async function openStandalone(deps: StandaloneDeps): Promise<Standalone> {
  await using resources = new AsyncDisposableStack()
  const { config, logger, trust } = deps
  const metrics = createMetrics()
  trust.countWith(metrics.countUnexpected)
  const onThreadDeath = tellingDeaths(metrics, logger)
  const clock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }
  const pack = await openPack({
    packsFolder: config.SEMBLANCE_PACKS,
    modelsFolder: config.SEMBLANCE_MODELS,
    packId: config.SEMBLANCE_PACK,
    onProgress: deps.onPackProgress,
  })
  const [engine, gallery] = await settleAll([
    openEngine({ pack, config, metrics, logger, onThreadDeath }, resources),
    openLocalStores(
      {
        dataFolder: config.SEMBLANCE_DATA,
        packId: packIdOf(pack.manifest),
        dimensions: pack.manifest.descriptorLength,
        threads: config.SEMBLANCE_THREADS,
        clock,
        acceptedMissing: config.SEMBLANCE_ACCEPT_MISSING_RECORDS,
        onDamage: createDamageLog({ logger, metrics }),
        diskReserveBytes: config.SEMBLANCE_DISK_RESERVE,
        onRoom: (state) => tellRoom(logger, state),
        onDeferred: (step, fault) => logger.warn({ step, err: fault }, 'left to the reconciler'),
        onThreadDeath,
        onStoreDeath: (cause) => trust.lose('thread', cause),
      },
      resources,
    ),
  ])
  metrics.setBuildInfo({ version, pack: engine.packId })
  keepInOrder({ gallery, metrics, logger, setAsideDays: config.SEMBLANCE_SET_ASIDE_DAYS }, resources)
  const url = await serve({ config, logger, metrics, clock, engine, gallery }, resources)
  const enrolled = await gallery.index.count()
  const open = resources.move()
  return {
    url,
    dataFolder: config.SEMBLANCE_DATA,
    pack: engine.packId,
    enrolled,
    close: () => open.disposeAsync(),
  }
}

function tellingDeaths(metrics: Metrics, logger: Logger): (cause: unknown) => void {
  return (cause) => {
    metrics.countUnexpected('thread')
    logger.error({ err: cause }, 'a thread died; another takes its place')
  }
}

function tellRoom(logger: Logger, { isScarce, freeBytes }: { isScarce: boolean; freeBytes: number }): void {
  if (isScarce) logger.error({ freeBytes }, 'the disk is nearly full: enrollments are refused')
  else logger.warn({ freeBytes }, 'there is room on the disk again: enrollments go on')
}

/** Waits for both even if one fails, so that nothing is still being opened while the rest is closed. */
async function settleAll<A, B>(works: readonly [Promise<A>, Promise<B>]): Promise<[A, B]> {
  await Promise.allSettled(works)
  return Promise.all(works)
}

async function openEngine(
  deps: {
    readonly pack: OpenedPack
    readonly config: StandaloneConfig
    readonly metrics: Metrics
    readonly logger: Logger
    readonly onThreadDeath: (cause: unknown) => void
  },
  resources: AsyncDisposableStack,
): Promise<FaceEngine> {
  const { pack, config, metrics, logger } = deps
  const engine = await openOnnxFaceEngine({
    pack,
    ...engineOptionsOf(config),
    observe: metrics.observeStage,
    onWarning: (message) => logger.warn({}, message),
    onThreadDeath: deps.onThreadDeath,
  })
  resources.defer(() => engine.close())
  metrics.setDecodingLoad(() => engine.decodingLoad)
  return countingFaces(engine, metrics)
}

function keepInOrder(deps: PictureKeeping, resources: AsyncDisposableStack): void {
  const { gallery, metrics, logger } = deps
  metrics.setIndexSize(() => gallery.index.count())
  metrics.setGallerySize((waiting) => gallery.records.countEnrolled(waiting))
  metrics.setDiskFree(() => gallery.room.freeBytes())
  const pictures = startKeepingPictures(deps)
  const database = startCheckingDatabase({ file: gallery.databaseFile, metrics, logger })
  const reconciler = startReconciler(gallery, { everyMs: RECONCILE_EVERY_MS, onPass: () => {} })
  metrics.setReconcilerBacklog((waiting) => reconciler.backlog(waiting))
  const replies = startForgettingReplies(gallery.idempotency, {
    everyMs: FORGET_REPLIES_EVERY_MS,
    onFault: (fault) => logger.warn({ err: fault }, 'old answers could not be forgotten'),
  })
  resources.defer(async () => {
    await Promise.all([pictures.stop(), database.stop(), reconciler.stop(), replies.stop()])
  })
}

interface Serving {
  readonly config: StandaloneConfig
  readonly logger: Logger
  readonly metrics: Metrics
  readonly clock: Clock
  readonly engine: FaceEngine
  readonly gallery: LocalStores
}

async function serve(deps: Serving, resources: AsyncDisposableStack): Promise<string> {
  const { config, logger, metrics, clock, gallery } = deps
  const api = apiConfigOf(config, version)
  const inFlight = createMemoryPicturesInFlight({
    maxBytes: IN_FLIGHT_BYTES,
    ttlMs: pictureLifetimeMs(config),
    clock,
  })
  const queue = openQueue({ ...deps, inFlight }, resources)
  doBulkWork({ ...deps, queue }, resources)

  let isStopping = false
  const dependencies = dependenciesOf(gallery)
  metrics.setDependencies(dependencies)
  const missing = async () =>
    isStopping ? ['process'] : (await dependencies.missing()).map(({ name }) => name)
  const { newId, idempotency, operations, imports, staged } = gallery
  const importing = {
    imports,
    staged,
    maxStagedBytes: config.SEMBLANCE_IMPORT_STAGED_BYTES,
    maxPictureBytes: config.SEMBLANCE_MAX_BODY_BYTES,
  }
  const ports = {
    galleryOf: onlyGallery(gallery),
    clock,
    newId,
    queue,
    inFlight,
    idempotency,
    importing,
    operations,
  }
  const app = createApi({ ...ports, logger, metrics, missing, config: api })
  const server = createApiServer(app, {
    ...api,
    onFault: (fault) => logger.warn({ err: fault }, 'HTTP server'),
  })
  const { port } = await listen(server.http, {
    host: config.SEMBLANCE_HOST,
    port: config.SEMBLANCE_PORT,
    settings: { host: 'SEMBLANCE_HOST', port: 'SEMBLANCE_PORT' },
  })
  resources.defer(() => {
    isStopping = true
    return server.close({ signal: AbortSignal.timeout(DRAIN_MS) })
  })
  return reachableUrl(config.SEMBLANCE_HOST, port)
}

/** Has rows of imports done, and carries operations out. */
function doBulkWork(deps: Serving & { readonly queue: JobQueue }, resources: AsyncDisposableStack): void {
  const { config, logger, metrics, gallery, queue } = deps
  const { imports, staged } = gallery
  const importing = startImporting({
    gallery,
    imports,
    staged,
    queue,
    threshold: config.SEMBLANCE_THRESHOLD,
    window: Math.min(config.SEMBLANCE_IMPORT_ROWS, config.SEMBLANCE_QUEUE_LIMIT),
    onRow: metrics.countImportRow,
    onFault: (fault, message) => logger.warn({ err: fault }, message),
  })
  resources.defer(() => importing.stop())
  const observers = { onStep: metrics.countOperationStep, onEnd: metrics.countOperationEnd }
  const operating = startOperations({ gallery, operations: gallery.operations, queue, ...observers })
  resources.defer(() => operating.stop())
}

function openQueue(
  deps: Serving & { readonly inFlight: PicturesInFlight },
  resources: AsyncDisposableStack,
): JobQueue {
  const { config, logger, metrics, clock, engine, gallery, inFlight } = deps
  const links = createImageLinks({
    maxBytes: config.SEMBLANCE_MAX_BODY_BYTES,
    ...linkOptionsOf(config),
    observe: metrics.observeImageLink,
    onFault: (message) => logger.warn(message),
  })
  resources.defer(() => links.close())
  const limit = config.SEMBLANCE_QUEUE_LIMIT
  const queue = createInProcessJobQueue({
    handlers: createJobHandlers({
      engine,
      galleryOf: onlyGallery(gallery),
      importing: gallery,
      inFlight,
      links,
      observe: metrics.observeStage,
    }),
    lanes: { search: { limit }, enroll: { limit }, bulk: { limit } },
    ...jobConcurrency(config.SEMBLANCE_THREADS),
    clock,
    observe: ({ job, outcome, waitedMs, ranMs }) =>
      metrics.observeJob({ name: job, outcome, waitSeconds: waitedMs / 1000, runSeconds: ranMs / 1000 }),
  })
  metrics.setQueueLoad(() => queue.load())
  resources.defer(() => queue.close({ signal: AbortSignal.timeout(DRAIN_MS) }))
  return queue
}

function dependenciesOf(gallery: LocalStores) {
  return createDependencies({
    sqlite: () => gallery.records.check(),
    index: () => gallery.index.check(),
    pictures: () => gallery.pictures.check(),
  })
}
