import type { CsvReading } from '../csv/csv-manifest.ts'
import type { Layout } from './layout.ts'

/** What a reader of an archive or a folder takes beside it. */
export interface LayoutReading extends CsvReading {
  /** `auto` if left out. */
  readonly layout?: Layout | undefined
}
