import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { apiConfigOf, type ServedApi, serveApi } from '@semblance/api'
import { type ClusterStores, maxPictureBytes, type PackSummary, readPackSummary } from '@semblance/cluster'
import { type Clock, onlyGallery, type PackDesk, type PackId, tracedGallery } from '@semblance/core'
import {
  createDependencies,
  createMetrics,
  createSayWaiting,
  type Dependencies,
  drainTime,
  type Logger,
  listen,
  type Metrics,
  type MissingDependency,
  openOpsServer,
  type ProcessTrust,
  type Tracing,
} from '@semblance/telemetry'
import { doBulkWork } from './bulk-work.ts'
import type { GatewayConfig } from './config.ts'
import { followServing } from './follow-serving.ts'
import { keepInOrder } from './keep-in-order.ts'
import { type GatewayQueue, openQueue } from './open-queue.ts'
import { openStores } from './open-stores.ts'
import { systemPorts } from './system-ports.ts'

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
  readonly version: string
}
const DAY_MS = 86_400_000
const clock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }
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
  const pack = await readPackSummary(config.SEMBLANCE_PACKS, config.SEMBLANCE_PACK)
  metrics.setBuildInfo({ version, pack: pack.packId })
  const onWaiting = createSayWaiting()
  const stores = openStores({ config, logger, metrics, clock, pack, onWaiting })
  resources.defer(() => stores.close())
  const drain = drainTime(config.SEMBLANCE_DRAIN_MS)
  const queue = await openQueue({ config, logger, metrics, clock, stores, drain, onWaiting }, resources)
  const work = doBesides({ config, logger, metrics, stores, queue, pack }, resources)
  const dependencies = dependenciesOf(stores, queue)
  metrics.setDependencies(dependencies)
  let isStopping = false
  const missing = async () => (isStopping ? [STOPPING] : dependencies.missing())
  let answerCall: ServedApi['answer'] | null = null
  const ops = await openOpsServer({
    host: config.SEMBLANCE_OPS_HOST,
    port: config.SEMBLANCE_OPS_PORT,
    missing,
    renderMetrics: () => metrics.render(),
    onFault: (fault) => logger.warn({ err: fault }, 'HTTP server for operators'),
    pages: { '/ops/scaling': () => queue.jobs.scaling() },
    calls: { '/ops/redescribe': () => answerCall },
  })
  resources.defer(() => ops.close())
  const told = { config, logger, tracing, metrics, stores, queue, missing, dependencies, drain }
  const ports = { ...told, configured: pack.packId }
  const api = await serve({ ...ports, ...work }, resources)
  answerCall = api.answer
  resources.defer(() => leave(api, config.SEMBLANCE_STOP_DELAY_MS))
  resources.defer(async () => {
    isStopping = true
  })
  const open = resources.move()
  return { url: api.url, opsUrl: ops.url, opened: stores.opened, close: () => open.disposeAsync() }
}

interface Besides {
  readonly config: GatewayConfig
  readonly logger: Logger
  readonly metrics: Metrics
  readonly stores: ClusterStores
  readonly queue: GatewayQueue
  /** The pack of the settings. */
  readonly pack: PackSummary
}

/** What goes on beside the calls, and what of it they work with. */
function doBesides(
  { config, logger, metrics, stores, queue, pack: configured }: Besides,
  resources: AsyncDisposableStack,
): Pick<Serving, 'desk' | 'pack' | 'wakeImporter'> {
  const keepMs = config.SEMBLANCE_SET_ASIDE_DAYS * DAY_MS
  keepInOrder({ stores, metrics, logger, inFlight: queue.inFlight, keepMs }, resources)
  const desk = stores.deskFor(() => queue.jobs.workers())
  const { wakeImporter } = doBulkWork({ config, stores, metrics, logger, jobs: queue.jobs, desk }, resources)
  const onServing = (pack: string) => metrics.setBuildInfo({ version, pack })
  const pack = followServing({ config, stores, logger, pack: configured, onServing }, resources)
  return { desk, pack, wakeImporter }
}

function dependenciesOf(stores: ClusterStores, queue: GatewayQueue): Dependencies {
  return createDependencies({
    ...stores.checks,
    redis: () => queue.jobs.check(),
    // Workers of the lane that readiness is about: without one a search would not be answered.
    workers: () => queue.jobs.checkWorkers('search'),
  })
}

/** Goes on serving for so long: load balancers send requests until they have heard that this server is not ready. */
async function leave(api: ServedApi, delayMs: number): Promise<void> {
  api.leave()
  await sleep(delayMs)
}

interface Serving {
  readonly config: GatewayConfig
  readonly logger: Logger
  readonly tracing: Tracing | null
  readonly metrics: Metrics
  readonly stores: ClusterStores
  readonly queue: GatewayQueue
  readonly missing: () => Promise<readonly MissingDependency[]>
  readonly dependencies: Dependencies
  readonly pack: () => Pick<PackSummary, 'packId' | 'dimensions'>
  /** The pack that a new gallery would get. */
  readonly configured: PackId
  readonly desk: PackDesk
  readonly wakeImporter: () => void
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
    packs: deps.desk,
    queue: jobs,
    inFlight,
    importing: {
      ...stores.importing,
      onRow: metrics.countImportRow,
      onWork: deps.wakeImporter,
      maxStagedBytes: config.SEMBLANCE_IMPORT_STAGED_BYTES,
      maxPictureBytes: maxPictureBytes(config),
    },
    system: systemPorts({ ...deps, clock: gallery.clock, jobs, packsFolder: config.SEMBLANCE_PACKS }),
    missing: async () => (await missing()).map(({ name }) => name),
  }
  const server = await serveApi({ ...ports, logger, metrics, config: api }, config, listen)
  resources.defer(() => server.close({ signal: deps.drain() }))
  return server
}
