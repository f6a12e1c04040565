import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { apiConfigOf, createSourceReader, type ServedApi, serveApi } from '@semblance/api'
import { type ClusterStores, maxPictureBytes, openClusterStores, readPackSummary } from '@semblance/cluster'
import { linkOptionsOf } from '@semblance/config'
import { type Clock, onlyGallery, tracedGallery } from '@semblance/core'
import { createLinkStreams, createObjectListing } from '@semblance/image-links'
import { startBulkWork } from '@semblance/jobs'
import type { BullmqJobQueue } from '@semblance/queue-bullmq'
import {
  createDamageLog,
  createDependencies,
  createMetrics,
  drainTime,
  type Logger,
  listen,
  type Metrics,
  type MissingDependency,
  openOpsServer,
  type ProcessTrust,
  type Tracing,
} from '@semblance/telemetry'
import type { GatewayConfig } from './config.ts'
import { keepInOrder } from './keep-in-order.ts'
import { type GatewayQueue, openQueue } from './open-queue.ts'

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
  readonly version: string
}
const DAY_MS = 86_400_000
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
  /** Null: nothing is traced. */
  readonly tracing: Tracing | null
}

/** HTTP to jobs. Listening once resolved, also while the cluster's servers are not there yet: not ready until then. */
export async function openGateway({ config, logger, trust, tracing }: GatewayDeps): Promise<Gateway> {
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
  const drain = drainTime(config.SEMBLANCE_DRAIN_MS)
  const queue = await openQueue({ config, logger, metrics, clock, stores, drain }, resources)
  const keepMs = config.SEMBLANCE_SET_ASIDE_DAYS * DAY_MS
  keepInOrder({ stores, metrics, logger, inFlight: queue.inFlight, keepMs }, resources)
  doBulkWork({ config, stores, metrics, logger, jobs: queue.jobs }, resources)

  const dependencies = createDependencies({
    ...stores.checks,
    redis: () => queue.jobs.check(),
    // Workers of the lane that readiness is about: without one a search would not be answered.
    workers: () => queue.jobs.checkWorkers('search'),
  })
  metrics.setDependencies(dependencies)
  let isStopping = false
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
  const api = await serve({ config, logger, tracing, metrics, stores, queue, missing, drain }, resources)
  resources.defer(() => leave(api, config.SEMBLANCE_STOP_DELAY_MS))
  resources.defer(async () => {
    isStopping = true
  })
  const open = resources.move()
  return { url: api.url, opsUrl: ops.url, opened: stores.opened, close: () => open.disposeAsync() }
}

/** Goes on serving for so long: load balancers send requests until they have heard that this server is not ready. */
async function leave(api: ServedApi, delayMs: number): Promise<void> {
  api.leave()
  await sleep(delayMs)
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
  const { gallery, importing, operations } = stores
  let work: { stop(): Promise<void> } | null = null
  const { clock } = gallery
  const sources = openSources({ config, logger, clock }, resources)
  let isStopping = false
  const begin = () => {
    if (isStopping) return
    work = startBulkWork({
      gallery,
      importing: { ...importing, sources },
      operations,
      queue: jobs,
      settings: config,
      metrics,
      onFault: (fault, message) => logger.warn({ err: fault }, message),
    })
  }
  // Whoever awaits `opened` hears of its failure.
  stores.opened.then(begin, () => {})
  resources.defer(async () => {
    isStopping = true
    await work?.stop()
  })
}

/** Where imports may take rows from: whatever links may read. */
function openSources(
  { config, logger, clock }: Pick<BulkWork, 'config' | 'logger'> & { readonly clock: Clock },
  resources: AsyncDisposableStack,
) {
  const links = { ...linkOptionsOf(config), onFault: (message: string) => logger.warn(message) }
  const [listing, streams] = [createObjectListing(links), createLinkStreams(links)]
  const bounds = { pictureBytes: maxPictureBytes(config), spoolBytes: config.SEMBLANCE_IMPORT_STAGED_BYTES }
  const reader = createSourceReader({ listing, streams, clock, bounds })
  resources.defer(() => reader.close())
  return reader
}

interface Serving {
  readonly config: GatewayConfig
  readonly logger: Logger
  readonly tracing: Tracing | null
  readonly metrics: Metrics
  readonly stores: ClusterStores
  readonly queue: GatewayQueue
  readonly missing: () => Promise<readonly MissingDependency[]>
  readonly drain: () => AbortSignal
}

async function serve(deps: Serving, resources: AsyncDisposableStack): Promise<ServedApi> {
  const { config, logger, metrics, stores, queue, missing } = deps
  // What a form brings must fit where it is to be kept, as what JSON and links bring does.
  const api = { ...apiConfigOf(config, version), maxFormBytes: maxPictureBytes(config) }
  const { gallery, idempotency, operations } = stores
  const { jobs, inFlight } = queue
  const ports = {
    galleryOf: onlyGallery(tracedGallery(gallery, deps.tracing)),
    tracing: deps.tracing ?? undefined,
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
    missing: async () => (await missing()).map(({ name }) => name),
  }
  const server = await serveApi({ ...ports, logger, metrics, config: api }, config, listen)
  resources.defer(() => server.close({ signal: deps.drain() }))
  return server
}
