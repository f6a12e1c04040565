import { createSourceReader } from '@semblance/api'
import { type ClusterStores, maxPictureBytes } from '@semblance/cluster'
import { linkOptionsOf } from '@semblance/config'
import type { Clock, PackDesk } from '@semblance/core'
import { createLinkStreams, createObjectListing } from '@semblance/image-links'
import { type BulkWork, startBulkWork } from '@semblance/jobs'
import type { BullmqJobQueue } from '@semblance/queue-bullmq'
import type { Logger, Metrics } from '@semblance/telemetry'
import type { GatewayConfig } from './config.ts'

interface BulkWorkDeps {
  readonly config: GatewayConfig
  readonly stores: ClusterStores
  readonly metrics: Metrics
  readonly logger: Logger
  readonly jobs: BullmqJobQueue
  readonly desk: PackDesk
}

/**
 * One gateway of the installation hands out the rows of all imports, and one carries the operations out, from the moment
 * when their stores are there. Before that, nothing is woken.
 */
export function doBulkWork(
  deps: BulkWorkDeps,
  resources: AsyncDisposableStack,
): Pick<BulkWork, 'wakeImporter'> {
  const { config, stores, metrics, logger, jobs, desk } = deps
  const { gallery, importing, operations } = stores
  let work: BulkWork | null = null
  const { clock } = gallery
  const sources = openSources({ config, logger, clock }, resources)
  let isStopping = false
  const begin = () => {
    if (isStopping) return
    work = startBulkWork({
      gallery,
      importing: { ...importing, sources },
      operations,
      packs: desk,
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
  return { wakeImporter: () => work?.wakeImporter() }
}

/** Where imports may take rows from: whatever links may read. */
function openSources(
  { config, logger, clock }: Pick<BulkWorkDeps, 'config' | 'logger'> & { readonly clock: Clock },
  resources: AsyncDisposableStack,
) {
  const links = { ...linkOptionsOf(config), onFault: (message: string) => logger.warn(message) }
  const [listing, streams] = [createObjectListing(links), createLinkStreams(links)]
  const bounds = { pictureBytes: maxPictureBytes(config), spoolBytes: config.SEMBLANCE_IMPORT_STAGED_BYTES }
  const reader = createSourceReader({ listing, streams, clock, bounds })
  resources.defer(() => reader.close())
  return reader
}
