import type { IncomingRow } from '../imports/add-rows.ts'
import type { ImportSource } from '../imports/import-source.ts'
import type { Waiting } from './waiting.ts'

export type SourcePortion =
  | {
      readonly outcome: 'rows'
      readonly rows: readonly IncomingRow[]
      /** Where the next portion begins; null if nothing has come yet. */
      readonly cursor: string | null
      readonly isEnd: boolean
    }
  /** `isPassing`: the same may be asked again later. `why` is for who began the import. */
  | { readonly outcome: 'refused'; readonly why: string; readonly isPassing: boolean }

/** Rows of an import's source, part by part. */
export interface ImportSourceReader {
  /** At most 1,000 rows after the source's cursor. The same cursor gives the same rows, while nobody changes the source. */
  read(source: Pick<ImportSource, 'url' | 'pattern' | 'cursor'>, waiting?: Waiting): Promise<SourcePortion>
}
