import type { Waiting } from '@semblance/core'
import { DEFAULT_SOURCE_BOUNDS, type SourceBounds } from './source-bounds.ts'

/** What each reader takes beside its source. */
export interface Reading extends Waiting {
  /** Those left out are of `DEFAULT_SOURCE_BOUNDS`. */
  readonly bounds?: Partial<SourceBounds>
}

export function boundsOf({ bounds }: Reading): SourceBounds {
  return { ...DEFAULT_SOURCE_BOUNDS, ...bounds }
}
