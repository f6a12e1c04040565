import {
  type GalleryPorts,
  type ImageStore,
  type ImportSourceReader,
  type ImportStore,
  type ImportsStanding,
  type JobQueue,
  type OutcomeKind,
  repeatPass,
  standingOfImports,
  startImporter,
  sweepStagedPictures,
  type Waiting,
} from '@semblance/core'
import { runImportRow } from './run-import-row.ts'

/** A look costs a few milliseconds; rows that another process has taken in wait no longer for it. */
const LOOK_EVERY_MS = 500
const SWEEP_EVERY_MS = 600_000
/** For one row, its wait in the queue included: that may be long, while searches come first. */
const ROW_DEADLINE_MS = 300_000

export interface ImportingOptions {
  readonly gallery: GalleryPorts
  readonly imports: ImportStore
  /** Pictures that wait for their row. */
  readonly staged: ImageStore
  /** Bytes of staged pictures that one import may have waiting. */
  readonly maxStagedBytes: number
  /** Left out: this process reads no sources. */
  readonly sources?: ImportSourceReader | undefined
  readonly queue: JobQueue
  /** Each job of the queue runs once at most: see `ImporterDeps`. */
  readonly runsOnce?: boolean | undefined
  /** The distance within which another person's face counts as the same person's. */
  readonly threshold: number
  /** Rows under way at once, of all imports together. */
  readonly window: number
  /** This is told of every row that has ended. */
  readonly onRow: (kind: OutcomeKind) => void
  readonly onFault: (fault: unknown, message: string) => void
}

export interface Importing {
  /** Rows may have come for which this process, if it is the one that hands them out, need not wait for its next look. */
  wake(): void
  /** Null in a process that does not hand out the rows: one of an installation tells it, so that nothing is told twice. */
  standing(waiting: Waiting): Promise<ImportsStanding | null>
  stop(): Promise<void>
}

/** Has the rows of imports done, as jobs of the bulk lane, and removes staged pictures that a crash has left. */
export function startImporting(options: ImportingOptions): Importing {
  const { gallery, imports, staged, maxStagedBytes, sources, queue, runsOnce } = options
  const { threshold, window, onRow, onFault } = options
  const terms = { threshold, deadlineMs: ROW_DEADLINE_MS }
  const importer = startImporter(
    {
      gallery,
      imports,
      staged,
      maxStagedBytes,
      sources,
      runsOnce,
      runRow: (work, waiting) =>
        runImportRow(queue, { ...work, ...terms, requestId: gallery.newId() }, waiting),
    },
    { window, everyMs: LOOK_EVERY_MS, onRow },
  )
  const sweeping = repeatPass((waiting) => sweepStagedPictures({ imports, staged }, waiting), {
    everyMs: SWEEP_EVERY_MS,
    onFault: (fault) => onFault(fault, 'staged pictures could not be swept'),
  })
  return {
    wake: importer.wake,
    standing: async (waiting) => (importer.isLeading ? await standingOfImports(imports, waiting) : null),
    stop: async () => {
      await Promise.all([importer.stop(), sweeping.stop()])
    },
  }
}
