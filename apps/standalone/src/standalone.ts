import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { apiConfigOf, createSourceReader, pictureLifetimeMs, serveApi } from '@semblance/api'
import { linkOptionsOf } from '@semblance/config'
import { type Clock, onlyGallery, type PackId, tracedGallery } from '@semblance/core'
import type { EngineDeath, PackProgress } from '@semblance/engine'
import { createLinkStreams, createObjectListing } from '@semblance/image-links'
import { startBulkWork } from '@semblance/jobs'
import { createMemoryPicturesInFlight } from '@semblance/store-local'
import {
  createDependencies,
  createMetrics,
  drainTime,
  type Logger,
  listen,
  type Metrics,
  type ProcessTrust,
  type Tracing,
} from '@semblance/telemetry'
import type { StandaloneConfig } from './config.ts'
import { keepInOrder } from './keep-in-order.ts'
import type { LocalStores } from './local-stores.ts'
import { openGallery } from './open-gallery.ts'
import { createPackOpener, type PackOpener } from './open-packs.ts'
import { openQueue } from './open-queue.ts'
import { systemPorts } from './system-ports.ts'

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
  readonly version: string
}
/** Bytes in memory of pictures that wait for their job. */
const IN_FLIGHT_BYTES = 256_000_000

export interface Standalone {
  readonly url: string
  readonly dataFolder: string
  readonly pack: string
  /** What whoever started it should know, in words. */
  readonly notes: readonly string[]
  /** Descriptors that can be found. */
  readonly enrolled: number
  close(): Promise<void>
}

export interface StandaloneDeps {
  readonly config: StandaloneConfig
  readonly logger: Logger
  readonly trust: ProcessTrust
  /** Null: nothing is traced. */
  readonly tracing: Tracing | null
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
  let serving: () => PackId | null = () => null
  const onDead = tellingDeadEngines(deps, (packId) => packId === serving())
  const opener = createPackOpener({ ...deps, metrics, onThreadDeath, onDead })
  const gallery = await openGallery({ ...deps, metrics, clock, opener, version, onThreadDeath }, resources)
  serving = () => gallery.packs.serving.packId
  const { packId } = gallery.packs.serving
  metrics.setBuildInfo({ version, pack: packId })
  keepInOrder({ gallery, metrics, logger, setAsideDays: config.SEMBLANCE_SET_ASIDE_DAYS }, resources)
  const configured = await opener.identify(config.SEMBLANCE_PACK)
  const url = await serve({ ...deps, metrics, clock, gallery, opener, configured }, resources)
  const enrolled = await gallery.index.count()
  const open = resources.move()
  return {
    url,
    dataFolder: config.SEMBLANCE_DATA,
    pack: packId,
    notes: opener.notes,
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

/**
 * A lost accelerator comes back with another process alone. Without one, persons are served still, and threads are tried again. And
 * without a pack that does not serve, searches are.
 */
function tellingDeadEngines(
  { trust, logger }: StandaloneDeps,
  isServing: (packId: PackId) => boolean,
): (death: EngineDeath) => void {
  return ({ fault, trials: _, isLasting, ...engine }) => {
    logger.error({ err: fault, ...engine }, 'the networks answer to no picture')
    if (isLasting && engine.provider === 'cuda' && isServing(engine.packId)) trust.lose('engine', fault)
  }
}

interface Serving {
  readonly config: StandaloneConfig
  readonly logger: Logger
  readonly tracing: Tracing | null
  readonly metrics: Metrics
  readonly clock: Clock
  readonly gallery: LocalStores
  readonly opener: Pick<PackOpener, 'check'>
  /** The pack that a new gallery would get. */
  readonly configured: PackId
}

async function serve(deps: Serving, resources: AsyncDisposableStack): Promise<string> {
  const { config, logger, metrics, clock, gallery } = deps
  const inFlight = createMemoryPicturesInFlight({
    maxBytes: IN_FLIGHT_BYTES,
    ttlMs: pictureLifetimeMs(config),
    clock,
  })
  const drain = drainTime(config.SEMBLANCE_DRAIN_MS)
  const queue = openQueue({ ...deps, inFlight, drain }, resources)
  const { newId, idempotency, operations, imports, staged } = gallery
  const work = startBulkWork({
    gallery,
    importing: { imports, staged, sources: openSources(deps, resources), runsOnce: true },
    operations,
    packs: gallery.packs,
    queue,
    settings: config,
    metrics,
    onFault: (fault, message) => logger.warn({ err: fault }, message),
  })
  resources.defer(() => work.stop())

  let isStopping = false
  const dependencies = dependenciesOf(deps)
  metrics.setDependencies(dependencies)
  const ports = {
    galleryOf: onlyGallery(tracedGallery(gallery, deps.tracing)),
    tracing: deps.tracing ?? undefined,
    clock,
    newId,
    queue,
    inFlight,
    idempotency,
    operations,
    packs: gallery.packs,
    importing: { ...importingOf(deps), onWork: work.wakeImporter },
    system: systemPorts({ ...deps, queue, dependencies }),
    missing: async () => (isStopping ? ['process'] : (await dependencies.missing()).map(({ name }) => name)),
  }
  const api = apiConfigOf(config, version)
  const server = await serveApi({ ...ports, logger, metrics, config: api }, config, listen)
  resources.defer(() => {
    isStopping = true
    return server.close({ signal: drain() })
  })
  return server.url
}

function importingOf({ gallery, config, metrics }: Serving) {
  return {
    onRow: metrics.countImportRow,
    imports: gallery.imports,
    staged: gallery.staged,
    maxStagedBytes: config.SEMBLANCE_IMPORT_STAGED_BYTES,
    maxPictureBytes: config.SEMBLANCE_MAX_BODY_BYTES,
  }
}

/** Where imports may take rows from: whatever links may read. */
function openSources({ config, logger, clock }: Serving, resources: AsyncDisposableStack) {
  const links = { ...linkOptionsOf(config), onFault: (message: string) => logger.warn(message) }
  const [listing, streams] = [createObjectListing(links), createLinkStreams(links)]
  const bounds = {
    pictureBytes: config.SEMBLANCE_MAX_BODY_BYTES,
    spoolBytes: config.SEMBLANCE_IMPORT_STAGED_BYTES,
  }
  const reader = createSourceReader({ listing, streams, clock, bounds })
  resources.defer(() => reader.close())
  return reader
}

function dependenciesOf({ gallery, opener }: Serving) {
  return createDependencies({
    sqlite: () => gallery.records.check(),
    index: () => gallery.index.check(),
    pictures: () => gallery.pictures.check(),
    engine: async () => opener.check(gallery.packs.serving.packId),
  })
}
