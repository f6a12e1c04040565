import type { Waiting } from './waiting.ts'

export type LinkOutcome =
  | { readonly outcome: 'fetched'; readonly bytes: Uint8Array }
  /** `reason` is for the caller and tells nothing of the target beyond the rule that it broke. */
  | { readonly outcome: 'refused'; readonly reason: LinkRefusal }

export type LinkRefusal =
  | 'unsupported-scheme'
  | 'invalid-link'
  | 'address-not-allowed'
  | 'unreachable'
  | 'timeout'
  | 'too-large'
  | 'too-many-redirects'
  | 'bad-status'

/**
 * Bytes behind a link that a stranger gave us. Never throws for anything the target does; a fetch cut short by our own
 * `close` throws E_SHUTTING_DOWN, since a refusal would blame the target.
 */
export interface ImageLinks {
  fetch(link: string, waiting?: Waiting): Promise<LinkOutcome>
  close(): Promise<void>
}
