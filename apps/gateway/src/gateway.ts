import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { apiConfigOf, createApi, createApiServer, pictureLifetimeMs, reachableUrl } from '@semblance/api'
import { type ClusterStores, maxPictureBytes, openClusterStores, readPackSummary } from '@semblance/cluster'
import {
  type Clock,
  countBacklog,
  LANES,
  OVERDUE_KINDS,
  onlyGallery,
  repeatPass,
  reviewSetAside,
  startForgettingReplies,
  startReconciler,
} from '@semblance/core'
import { startImporting, startOperations } from '@semblance/jobs'
import {
  type BullmqJobQueue,
  openBullmqJobQueue,
  openRedisPicturesInFlight,
  type RedisPicturesInFlight,
} from '@semblance/queue-bullmq'
import {
  createDamageLog,
  createDependencies,
  createMetrics,
  type Logger,
  listen,
  type Metrics,
  type MissingDependency,
  openOpsServer,
  type ProcessTrust,
} from '@semblance/telemetry'
import type { GatewayConfig } from './config.ts'

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
  readonly version: string
}
const RECONCILE_EVERY_MS = 10_000
const FORGET_EVERY_MS = 60_000
const REVIEW_SET_ASIDE_EVERY_MS = 3_600_000
const DAY_MS = 86_400_000
/** A running request may take this long once the server has been told to stop. */
const DRAIN_MS = 20_000
const STOPPING: MissingDependency = { name: 'process', reason: 'it is stopping' }

export interface Gateway {
  readonly url: string
  readonly opsUrl: string
  /** Resolves once every server of the cluster is there; rejects on a fault that no waiting mends. */
  readonly opened: Promise<void>
  close(): Promise<void>
}

export interface GatewayDeps {
  readonly config: GatewayConfig
  readonly logger: Logger
  readonly trust: ProcessTrust
}

/** HTTP to jobs. Listening once resolved, also while the cluster's servers are not there yet: not ready until then. */
export async function openGateway({ config, logger, trust }: GatewayDeps): Promise<Gateway> {
  await using resources = new AsyncDisposableStack()
  const metrics = createMetrics()
  trust.countWith(metrics.countUnexpected)
  const clock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }
  const pack = await readPackSummary(config.SEMBLANCE_PACKS, config.SEMBLANCE_PACK)
  metrics.setBuildInfo({ version, pack: pack.packId })
  const stores = openClusterStores({
    settings: config,
    pack,
    clock,
    appName: 'semblance-gateway',
    logger,
    onDamage: createDamageLog({ logger, metrics }),
  })
  resources.defer(() => stores.close())
  const queue = await openQueue({ config, logger, metrics, clock, stores }, resources)
  const keepMs = config.SEMBLANCE_SET_ASIDE_DAYS * DAY_MS
  keepInOrder({ stores, metrics, logger, inFlight: queue.inFlight, keepMs }, resources)
  doBulkWork({ config, stores, metrics, logger, jobs: queue.jobs }, resources)

  let isStopping = false
  const dependencies = createDependencies({
    ...stores.checks,
    redis: () => queue.jobs.check(),
    // Workers of the lane that readiness is about: without one a search would not be answered.
    workers: () => queue.jobs.checkWorkers('search'),
  })
  metrics.setDependencies(dependencies)
  const missing = async () => (isStopping ? [STOPPING] : dependencies.missing())
  const ops = await openOpsServer({
    host: config.SEMBLANCE_OPS_HOST,
    port: config.SEMBLANCE_OPS_PORT,
    missing,
    renderMetrics: () => metrics.render(),
    onFault: (fault) => logger.warn({ err: fault }, 'HTTP server for operators'),
    pages: { '/ops/scaling': () => queue.jobs.scaling() },
  })
  resources.defer(() => ops.close())
  const url = await serve({ config, logger, metrics, stores, queue, missing }, resources)
  resources.defer(async () => {
    isStopping = true
  })
  const open = resources.move()
  return { url, opsUrl: ops.url, opened: stores.opened, close: () => open.disposeAsync() }
}

interface Keeping {
  readonly stores: ClusterStores
  readonly metrics: Metrics
  readonly logger: Logger
  readonly inFlight: RedisPicturesInFlight
  /** Pictures without a record stay aside for so long. */
  readonly keepMs: number
}

function keepInOrder(deps: Keeping, resources: AsyncDisposableStack): void {
  const { stores, metrics, logger, inFlight, keepMs } = deps
  const { gallery, idempotency } = stores
  metrics.setIndexSize(() => gallery.index.count())
  metrics.setGallerySize((waiting) => gallery.records.countEnrolled(waiting))
  // The backlog is told while the stores are not there, too: then it is NaN, by kind.
  metrics.setReconcilerBacklog((waiting) => countBacklog(gallery, waiting), OVERDUE_KINDS)
  const keepers: { stop(): Promise<void> }[] = []
  let isStopping = false
  const begin = () => {
    if (isStopping) return
    const reconciler = startReconciler(gallery, { everyMs: RECONCILE_EVERY_MS, onPass: () => {} })
    const forgetting = (what: string) => ({
      everyMs: FORGET_EVERY_MS,
      onFault: (fault: unknown) => logger.warn({ err: fault }, `${what} could not be forgotten`),
    })
    const replies = startForgettingReplies(idempotency, forgetting('old answers'))
    const pictures = repeatPass((waiting) => inFlight.forgetExpired(waiting), forgetting('old pictures'))
    const setAside = repeatPass(
      async (waiting) => {
        const { kept } = await reviewSetAside(gallery, { keepMs, ...waiting })
        metrics.showPicturesSetAside(kept)
      },
      { ...forgetting('pictures set aside'), everyMs: REVIEW_SET_ASIDE_EVERY_MS },
    )
    keepers.push(reconciler, replies, pictures, setAside)
  }
  // Whoever awaits `opened` hears of its failure.
  stores.opened.then(begin, () => {})
  resources.defer(async () => {
    isStopping = true
    await Promise.all(keepers.map((keeper) => keeper.stop()))
  })
}

interface BulkWork {
  readonly config: GatewayConfig
  readonly stores: ClusterStores
  readonly metrics: Metrics
  readonly logger: Logger
  readonly jobs: BullmqJobQueue
}

/**
 * One gateway of the installation hands out the rows of all imports, and one carries the operations out, from the moment
 * when their stores are there.
 */
function doBulkWork(deps: BulkWork, resources: AsyncDisposableStack): void {
  const { config, stores, metrics, logger, jobs } = deps
  const { gallery, operations } = stores
  let underWay: readonly { stop(): Promise<void> }[] = []
  let isStopping = false
  const begin = () => {
    if (isStopping) return
    const importing = startImporting({
      ...stores.importing,
      gallery,
      queue: jobs,
      threshold: config.SEMBLANCE_THRESHOLD,
      window: Math.min(config.SEMBLANCE_IMPORT_ROWS, config.SEMBLANCE_QUEUE_LIMIT),
      onRow: metrics.countImportRow,
      onFault: (fault, message) => logger.warn({ err: fault }, message),
    })
    const observers = { onStep: metrics.countOperationStep, onEnd: metrics.countOperationEnd }
    underWay = [importing, startOperations({ gallery, operations, queue: jobs, ...observers })]
  }
  // Whoever awaits `opened` hears of its failure.
  stores.opened.then(begin, () => {})
  resources.defer(async () => {
    isStopping = true
    await Promise.all(underWay.map((work) => work.stop()))
  })
}

interface GatewayQueue {
  readonly jobs: BullmqJobQueue
  readonly inFlight: RedisPicturesInFlight
}

/** Opens with Redis away, too: jobs are refused until it is there. */
async function openQueue(
  deps: Omit<GatewayDeps, 'trust'> & {
    readonly metrics: Metrics
    readonly clock: Clock
    readonly stores: ClusterStores
  },
  resources: AsyncDisposableStack,
): Promise<GatewayQueue> {
  const { config, logger, metrics, clock, stores } = deps
  const onFault = (fault: unknown) => logger.warn({ err: fault }, 'Redis')
  const redis = { redisUrl: config.SEMBLANCE_REDIS_URL, prefix: config.SEMBLANCE_NAME, onFault }
  const limit = config.SEMBLANCE_QUEUE_LIMIT
  const jobs = await openBullmqJobQueue({
    ...redis,
    gatewayId: hostname(),
    limits: { search: limit, enroll: limit, bulk: limit },
    clock,
    observe: ({ job, outcome, waitedMs, ranMs }) =>
      metrics.observeJob({ name: job, outcome, waitSeconds: waitedMs / 1000, runSeconds: ranMs / 1000 }),
  })
  resources.defer(() => jobs.close({ signal: AbortSignal.timeout(DRAIN_MS) }))
  metrics.setQueueLoad(() => jobs.scaling(), LANES)
  metrics.setQueueScaling(() => jobs.scaling(), LANES)
  const inFlight = await openRedisPicturesInFlight({
    ...redis,
    maxBytes: config.SEMBLANCE_IN_FLIGHT_BYTES,
    large: stores.largeInFlight,
    ttlMs: pictureLifetimeMs(config),
  })
  resources.defer(() => inFlight.close())
  return { jobs, inFlight }
}

interface Serving {
  readonly config: GatewayConfig
  readonly logger: Logger
  readonly metrics: Metrics
  readonly stores: ClusterStores
  readonly queue: GatewayQueue
  readonly missing: () => Promise<readonly MissingDependency[]>
}

async function serve(deps: Serving, resources: AsyncDisposableStack): Promise<string> {
  const { config, logger, metrics, stores, queue, missing } = deps
  // What a form brings must fit where it is to be kept, as what JSON and links bring does.
  const api = { ...apiConfigOf(config, version), maxFormBytes: maxPictureBytes(config) }
  const { gallery, idempotency, operations } = stores
  const { jobs, inFlight } = queue
  const app = createApi({
    galleryOf: onlyGallery(gallery),
    clock: gallery.clock,
    newId: gallery.newId,
    idempotency,
    operations,
    queue: jobs,
    inFlight,
    importing: {
      ...stores.importing,
      maxStagedBytes: config.SEMBLANCE_IMPORT_STAGED_BYTES,
      maxPictureBytes: maxPictureBytes(config),
    },
    logger,
    metrics,
    missing: async () => (await missing()).map(({ name }) => name),
    config: api,
  })
  const server = createApiServer(app, {
    ...api,
    onFault: (fault) => logger.warn({ err: fault }, 'HTTP server'),
  })
  const { port } = await listen(server.http, {
    host: config.SEMBLANCE_HOST,
    port: config.SEMBLANCE_PORT,
    settings: { host: 'SEMBLANCE_HOST', port: 'SEMBLANCE_PORT' },
  })
  resources.defer(() => server.close({ signal: AbortSignal.timeout(DRAIN_MS) }))
  return reachableUrl(config.SEMBLANCE_HOST, port)
}
