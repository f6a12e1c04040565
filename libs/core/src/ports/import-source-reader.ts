import type { ImportId } from '../ids.ts'
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
      /** Rows that the source has given in all, these included; left out: these come to those before. */
      readonly rowsInAll?: number
      /** What is to be told of the source as a whole, beside its rows; a name of a file is not among it. Left out: nothing. */
      readonly notes?: readonly string[]
      /** Why no row has come yet, for who began the import. */
      readonly why?: string
    }
  /** `isPassing`: the same may be asked again later. `why` is for who began the import. */
  | {
      readonly outcome: 'refused'
      readonly why: string
      readonly isPassing: boolean
      /** Whoever goes on does so at the beginning. */
      readonly restarts?: boolean
    }

/** A source of an import, and how far it was read. */
export type SourcePlace = { readonly id: ImportId } & Pick<
  ImportSource,
  'url' | 'pattern' | 'encoding' | 'withDescriptors' | 'cursor'
>

/** Rows of an import's source, part by part. */
export interface ImportSourceReader {
  /**
   * At most 1,000 rows after the source's cursor, or 8 MB of pictures and one more. The same cursor gives the same rows,
   * while nobody changes the source. No rows and the same cursor: none has come yet.
   */
  read(source: SourcePlace, waiting?: Waiting): Promise<SourcePortion>
  /** Lets go of what is open for this import, which nobody goes on with for now. A read of it may reject. */
  letGo?(id: ImportId): void
}
