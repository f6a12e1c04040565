import type { CsvReading } from '../csv/csv-manifest.ts'
import type { HeldRowsRoom } from './held-rows.ts'
import type { Layout } from './layout.ts'

/** What a reader of an archive or a folder takes beside it. */
export interface LayoutReading extends CsvReading {
  /** `auto` if left out. */
  readonly layout?: Layout | undefined
  /** For rows that wait for their files. One for all that this process reads if left out. */
  readonly heldRows?: HeldRowsRoom
}
