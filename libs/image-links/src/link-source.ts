import type { LinkOutcome, LinkRefusal } from '@semblance/core'
import type { ByteAccount } from './byte-budget.ts'

/** A source is where the links of one scheme, or of a few, lead to. */
export interface LinkSource {
  /**
   * This may reject, also without a reason that could be shown: that is `unreachable`, or `timeout` once the signal
   * aborted. E_OVERLOADED is passed on: `room` had none left.
   */
  fetch(link: string, fetching: Fetching): Promise<LinkOutcome>
  close(): Promise<void>
}

export interface Fetching {
  readonly signal: AbortSignal
  /** An account for the bytes that come. */
  readonly room: ByteAccount
}

export function refused(reason: LinkRefusal): LinkOutcome {
  return { outcome: 'refused', reason }
}
