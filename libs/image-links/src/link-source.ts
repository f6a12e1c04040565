import type { LinkOutcome, LinkRefusal } from '@semblance/core'

/** Where links of one scheme, or a few, lead to. */
export interface LinkSource {
  /** May reject, also without a reason that could be shown: that is `unreachable`, or `timeout` once the signal aborted. */
  fetch(link: string, signal: AbortSignal): Promise<LinkOutcome>
  close(): Promise<void>
}

export function refused(reason: LinkRefusal): LinkOutcome {
  return { outcome: 'refused', reason }
}
