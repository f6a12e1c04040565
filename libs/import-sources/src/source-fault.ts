export type SourceFaultCode =
  /** The stream of bytes broke before its end; `cause` has what its sender's side said. */
  | 'interrupted'
  /** The bytes end where there must be more. */
  | 'truncated'
  /** The bytes contradict themselves: a wrong checksum, a header that is none. */
  | 'damaged'
  /** It is of no kind that is read here, or not of the kind that it was said to be. */
  | 'not-readable'
  /** It goes beyond one of `SourceBounds`, which the message names. */
  | 'too-large'
  /** Other sources have the memory that it needs, for now. */
  | 'busy'
  /** It could not be put into the folder for temporary files. */
  | 'spool-failed'
  /** The disk of that folder is full. */
  | 'spool-full'

/**
 * Why a source cannot be read on. What it gave before stays good. `message` is for the one who sent it: it names places and
 * bounds, never a value.
 */
export class SourceFault extends Error {
  readonly code: SourceFaultCode

  constructor(code: SourceFaultCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'SourceFault'
    this.code = code
  }
}
