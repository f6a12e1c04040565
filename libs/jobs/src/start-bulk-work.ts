import type {
  GalleryPorts,
  ImageStore,
  ImportSourceReader,
  ImportStore,
  JobQueue,
  OperationStore,
} from '@semblance/core'
import { type Importing, type ImportingOptions, startImporting } from './start-importing.ts'
import { type CarriedOut, type OperationsOptions, startOperations } from './start-operations.ts'

/** The variables that bulk work is governed by, as any app's configuration holds them. */
export interface BulkSettings {
  readonly SEMBLANCE_THRESHOLD: number
  readonly SEMBLANCE_IMPORT_ROWS: number
  readonly SEMBLANCE_IMPORT_STAGED_BYTES: number
  readonly SEMBLANCE_QUEUE_LIMIT: number
}

export interface BulkWorkOptions {
  readonly gallery: GalleryPorts
  readonly importing: {
    readonly imports: ImportStore
    /** Pictures that wait for their row. */
    readonly staged: ImageStore
    readonly sources?: ImportSourceReader | undefined
    readonly runsOnce?: ImportingOptions['runsOnce']
  }
  readonly operations: OperationStore
  readonly packs?: OperationsOptions['packs']
  readonly queue: JobQueue
  readonly settings: BulkSettings
  readonly metrics: {
    readonly countImportRow: ImportingOptions['onRow']
    readonly setImports: (source: Importing['standing']) => void
    readonly countOperationStep: NonNullable<OperationsOptions['onStep']>
    readonly countOperationEnd: NonNullable<OperationsOptions['onEnd']>
    readonly countOperationFault: NonNullable<OperationsOptions['onFault']>
    readonly setOperations: (source: CarriedOut['standing']) => void
  }
  readonly onFault: ImportingOptions['onFault']
}

export interface BulkWork {
  /** An import may have more to do: see `Importing`. */
  wakeImporter(): void
  stop(): Promise<void>
}

/** Has the rows of imports done, and carries operations out: what runs behind the calls, in one process of an installation. */
export function startBulkWork(options: BulkWorkOptions): BulkWork {
  const { gallery, importing, operations, packs, queue, settings, metrics, onFault } = options
  // A row waits in the queue, so more rows than that has room for would only be refused.
  const window = Math.min(settings.SEMBLANCE_IMPORT_ROWS, settings.SEMBLANCE_QUEUE_LIMIT)
  const rows = startImporting({
    ...importing,
    gallery,
    queue,
    maxStagedBytes: settings.SEMBLANCE_IMPORT_STAGED_BYTES,
    threshold: settings.SEMBLANCE_THRESHOLD,
    window,
    onRow: metrics.countImportRow,
    onFault,
  })
  metrics.setImports(rows.standing)
  const steps = startOperations({
    gallery,
    operations,
    packs,
    describedAtOnce: window,
    queue,
    onStep: metrics.countOperationStep,
    onEnd: metrics.countOperationEnd,
    onFault: metrics.countOperationFault,
  })
  metrics.setOperations(steps.standing)
  return {
    wakeImporter: rows.wake,
    stop: async () => {
      await Promise.all([rows.stop(), steps.stop()])
    },
  }
}
