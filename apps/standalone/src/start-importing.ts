import type { JobQueue } from '@semblance/core'
import { repeatPass, startImporter, sweepStagedPictures } from '@semblance/core'
import { runImportRow } from '@semblance/jobs'
import type { Logger, Metrics } from '@semblance/telemetry'
import type { StandaloneConfig } from './config.ts'
import type { LocalStores } from './local-stores.ts'

/** A look costs a millisecond; who adds rows need not wait longer for the first of them. */
const LOOK_EVERY_MS = 500
const SWEEP_EVERY_MS = 600_000
/** For one row, its wait in the queue included: that may be long, while searches come first. */
const ROW_DEADLINE_MS = 300_000

export interface ImportingDeps {
  readonly config: StandaloneConfig
  readonly gallery: LocalStores
  readonly queue: JobQueue
  readonly metrics: Metrics
  readonly logger: Logger
}

/** Has the rows of imports done, and removes staged pictures that a crash has left. */
export function startImporting(deps: ImportingDeps, resources: AsyncDisposableStack): void {
  const { config, gallery, queue, metrics, logger } = deps
  const { imports, staged } = gallery
  const importer = startImporter(
    {
      gallery,
      imports,
      staged,
      runRow: (work, waiting) =>
        runImportRow(
          queue,
          {
            ...work,
            threshold: config.SEMBLANCE_THRESHOLD,
            deadlineMs: ROW_DEADLINE_MS,
            requestId: gallery.newId(),
          },
          waiting,
        ),
    },
    {
      window: Math.min(config.SEMBLANCE_IMPORT_ROWS, config.SEMBLANCE_QUEUE_LIMIT),
      everyMs: LOOK_EVERY_MS,
      onRow: (kind) => metrics.countImportRow(kind),
    },
  )
  const sweeping = repeatPass((waiting) => sweepStagedPictures({ imports, staged }, waiting), {
    everyMs: SWEEP_EVERY_MS,
    onFault: (fault) => logger.warn({ err: fault }, 'staged pictures could not be swept'),
  })
  resources.defer(async () => {
    await Promise.all([importer.stop(), sweeping.stop()])
  })
}
