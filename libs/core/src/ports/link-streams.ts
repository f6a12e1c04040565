import type { LinkRefusal } from './image-links.ts'
import type { Waiting } from './waiting.ts'

export interface LinkStream {
  readonly outcome: 'opened'
  /**
   * All bytes from the first one on. A connection that breaks is made again, and goes on at the byte where it broke; this
   * throws `LinkBreak` where that cannot be. Whoever stops reading lets go of it by `return`.
   */
  readonly bytes: AsyncGenerator<Uint8Array>
  /** Bytes of the same version are the same; null if nobody tells versions apart. */
  readonly version: string | null
  /** What its server says it is. */
  readonly contentType: string | undefined
  /** Lets go of what nobody began to read. */
  close(): Promise<void>
}

/** Files of any size behind links that a stranger gave us, by the rules of `ImageLinks`, read piece by piece. */
export interface LinkStreams {
  /** `signal` ends the reading of what it opened, too. Never throws for anything the target does. */
  open(
    link: string,
    waiting: Waiting,
  ): Promise<LinkStream | { readonly outcome: 'refused'; readonly reason: LinkRefusal }>
  close(): Promise<void>
}

/** Why the bytes of a stream do not go on. `changed`: another version, or nothing, is there now. */
export class LinkBreak extends Error {
  readonly reason: LinkRefusal | 'changed'

  constructor(reason: LinkRefusal | 'changed', cause?: unknown) {
    super(`the bytes of a link stopped coming: ${reason}`, { cause })
    this.name = 'LinkBreak'
    this.reason = reason
  }
}
