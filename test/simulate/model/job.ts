import type { Lane, PlaceHolder } from '@semblance/core'

/** A picture's way from the gateway through a worker and back. */
export interface Job extends PlaceHolder {
  readonly lane: Lane
  /** When its caller asked, ms. */
  readonly askedAt: number
  /** When it came into its lane, ms. */
  queuedAt: number
  /** Called when a worker has ended it. */
  readonly ended: () => void
}
