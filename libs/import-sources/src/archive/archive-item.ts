import type { SourceProblem } from '../source-row.ts'

/** A regular file of an archive or a folder. */
export interface ArchiveFile {
  readonly kind: 'file'
  /** From 1, counting every entry of the archive. */
  readonly position: number
  /** As `judgePath` gives it. */
  readonly path: string
  /** As its header says; no more than this comes. Null where nothing says it before, as in a form. */
  readonly bytes: number | null
  /**
   * Its bytes, once, and before the next item is asked for. Throws `InvalidField` for what is wrong with this file alone, and
   * `SourceFault` for what ends the archive.
   */
  open(): AsyncGenerator<Buffer>
}

export type ArchiveItem = ArchiveFile | SourceProblem
