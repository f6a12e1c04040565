import { deadlinesOf } from '@semblance/api'
import { linkOptionsOf } from '@semblance/config'
import {
  type Clock,
  type JobQueue,
  onlyGallery,
  type PicturesInFlight,
  tracedGallery,
  tracedStages,
} from '@semblance/core'
import { createImageLinks } from '@semblance/image-links'
import { createJobHandlers, jobConcurrency } from '@semblance/jobs'
import { createInProcessJobQueue } from '@semblance/store-local'
import type { Logger, Metrics, Tracing } from '@semblance/telemetry'
import type { StandaloneConfig } from './config.ts'
import type { LocalStores } from './local-stores.ts'

interface QueueDeps {
  readonly config: StandaloneConfig
  readonly logger: Logger
  readonly metrics: Metrics
  readonly clock: Clock
  readonly gallery: LocalStores
  readonly inFlight: PicturesInFlight
  readonly drain: () => AbortSignal
  readonly tracing: Tracing | null
}

/** The queue, which runs its jobs in this process. */
export function openQueue(deps: QueueDeps, resources: AsyncDisposableStack): JobQueue {
  const { config, logger, metrics, clock, gallery, inFlight } = deps
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
      packs: gallery.packs,
      galleryOf: onlyGallery(tracedGallery(gallery, deps.tracing)),
      tracing: deps.tracing ?? undefined,
      importing: gallery,
      inFlight,
      links,
      observe: tracedStages(metrics.observeStage),
    }),
    lanes: { search: { limit }, enroll: { limit }, bulk: { limit } },
    ...jobConcurrency(config.SEMBLANCE_THREADS),
    clock,
    observe: ({ job, outcome, waitedMs, ranMs }) =>
      metrics.observeJob({ name: job, outcome, waitSeconds: waitedMs / 1000, runSeconds: ranMs / 1000 }),
  })
  metrics.showDeadlines(deadlinesOf(config))
  metrics.setQueueLoad(() => queue.load())
  resources.defer(() => queue.close({ signal: deps.drain() }))
  return queue
}
