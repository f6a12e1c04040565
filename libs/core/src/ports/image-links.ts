import type { Waiting } from './waiting.ts'

export type LinkOutcome =
  | {
      readonly outcome: 'fetched'
      readonly bytes: Uint8Array
      /** Gives the bytes' room back, which is bounded; once they are not needed any more. May be called again. */
      readonly release?: () => void
    }
  /** `reason` is for the caller and tells nothing of the target beyond the rule that it broke. */
  | { readonly outcome: 'refused'; readonly reason: LinkRefusal }

export type LinkRefusal =
  | 'unsupported-scheme'
  | 'invalid-link'
  | 'address-not-allowed'
  /** The name servers say that there is no such host; that they do not answer is `unreachable`. */
  | 'unknown-host'
  | 'unreachable'
  | 'timeout'
  /** The bytes broke off before the end that their length tells. */
  | 'incomplete'
  /** What came is no valid HTTP, or another part than the one asked for. */
  | 'invalid-answer'
  | 'too-large'
  | 'too-many-redirects'
  | 'bad-status'

export interface LinkWaiting extends Waiting {
  /** The link may take less time than it has by itself: then the outcome is `timeout`. */
  readonly timeoutMs?: number
  /**
   * The call waits for a place as long as its signal lets it, and gives way to others; its time begins with its place. The
   * caller has a bound of its own for how many of these there are, as an import has for its rows under way.
   */
  readonly isPatient?: boolean
}

/**
 * Bytes behind a link that a stranger gave us. Never throws for anything the target does. Throws where a refusal would
 * blame the target: E_SHUTTING_DOWN for a fetch cut short by our own `close`, E_OVERLOADED for one too many at once, of
 * its host or of all, or of their bytes.
 */
export interface ImageLinks {
  fetch(link: string, waiting?: LinkWaiting): Promise<LinkOutcome>
  close(): Promise<void>
}
