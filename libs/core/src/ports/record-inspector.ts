import type { Descriptor } from '../descriptor.ts'
import type { ImageId } from '../ids.ts'
import type { Image } from '../images/image.ts'
import type { RecordFault } from '../records/record-faults.ts'
import type { Waiting } from './waiting.ts'

export type RecordKind = 'person' | 'image' | 'group' | 'reply' | 'import' | 'import-row'

/** A record as it lies there, whole or not. */
export interface InspectedRecord {
  readonly id: string
  readonly state: string
  /** What makes it unusable; null if nothing does. */
  readonly why: RecordFault
  /**
   * Parts of an image that can be used; null for anything else. The descriptor is the one that searches compare, or null where it
   * is noted that the pack that serves made nothing of the picture.
   */
  readonly image:
    | (Pick<Image, 'personId' | 'bytes' | 'sha256'> & { readonly descriptor: Descriptor | null })
    | null
  /** The staged picture that a row of an import still needs; null or left out where there is none. */
  readonly staged?: InspectedStaged | null
}

export interface InspectedStaged {
  readonly id: ImageId
  readonly bytes: number
  /** Lower-case hex; null where nobody has noted it. */
  readonly sha256: string | null
}

/** Of a store's own file: `counts` are the store's own, and its next start puts them right; `damaged` is all else. */
export interface FileFault {
  readonly what: 'damaged' | 'counts'
  readonly why: string
}

/** Looks at a store of records without changing it. Readers and writers may be at work meanwhile. */
export interface RecordInspector {
  /** Every record of a kind, in whatever state, by increasing id after `after`. */
  list(
    query: { readonly kind: RecordKind; readonly after: string | null; readonly limit: number },
    waiting?: Waiting,
  ): Promise<readonly InspectedRecord[]>
  /** The states of those that exist. */
  findStates(
    query: { readonly kind: 'person' | 'image'; readonly ids: readonly string[] },
    waiting?: Waiting,
  ): Promise<ReadonlyMap<string, string>>
  /** Faults that the store finds in its own file; none where it has none of ours. */
  checkFile(waiting?: Waiting): Promise<readonly FileFault[]>
  close(): Promise<void>
}
