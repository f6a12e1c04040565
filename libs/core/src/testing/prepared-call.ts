import type { GalleryPorts } from '../gallery-ports.ts'
import type { FamilyGallery } from './test-gallery.ts'

/** How much of a write a reader sees. */
export type Seen = 'nothing' | 'part' | 'all'

/** One call of a use case, in a gallery that is ready for it. */
export interface PreparedCall {
  run(gallery: GalleryPorts): Promise<unknown>
  seen(gallery: GalleryPorts): Promise<Seen>
  /** False for an answer that refuses; any answer counts as done if left out. */
  readonly isDone?: (answer: unknown) => boolean
  /** It changes several records, and may be seen in part until it has been answered. */
  readonly spansRecords?: boolean
}

export type PrepareCall = (gallery: FamilyGallery) => Promise<PreparedCall>
