import { PROBLEM_TYPES, type ProblemType, problemStatus } from './problem.ts'

/** An answer as a value; the dispatcher alone writes to the socket. */
export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: ReplyBody
  /** It tells of something that may pass, such as a host that is away: the same request may be answered otherwise later. */
  readonly isPassing?: boolean
}

export type ReplyBody =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'json'
      readonly value: object
      /** Bytes whose Base64 is to take the place of these texts in `value`. */
      readonly contents?: ReadonlyMap<string, Uint8Array>
    }
  | {
      /** Of any length, made while it is taken; a fault on the way cuts the answer off. */
      readonly kind: 'stream'
      readonly contentType: string
      readonly parts: StreamParts
    }
  | {
      readonly kind: 'bytes'
      readonly contentType: string
      readonly bytes: Uint8Array
      /** The process holds them anyway: sent to a thousand callers they take no more room. */
      readonly isShared?: boolean
    }

export interface StreamParts extends AsyncIterable<string | Uint8Array> {
  /**
   * Takes what the answer is not to be made without, right before its head is sent; what this throws is answered in its place.
   * `cut` is called once it is lost again: the connection ends then, whatever waits to be sent.
   */
  enter?(cut: (reason: Error) => void): void
}

/** An answer of any length, made while it is taken. */
export function streamed(
  contentType: string,
  parts: AsyncIterable<string | Uint8Array>,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return { status: 200, headers, body: { kind: 'stream', contentType, parts } }
}

/** The contract's OperationLog; the search's SearchBadParams is the same without `metadata`. */
export interface OperationLog {
  readonly statusCode: number
  readonly type: string
  readonly msg: string
  readonly metadata: Readonly<Record<string, unknown>>
}

export function ok(value: object, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status: 200, headers, body: { kind: 'json', value } }
}

export function created(value: object, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status: 201, headers, body: { kind: 'json', value } }
}

/** The answer to what goes on in the background; `path` is where its progress is told. */
export function accepted(value: object, path: string): Reply {
  return { status: 202, headers: { Location: path }, body: { kind: 'json', value } }
}

export const noContent: Reply = { status: 204, body: { kind: 'none' } }

/**
 * The answer of a deletion that finds nothing: `refusal`, unless an earlier run of the very same request may have taken
 * it away, whose answer was lost.
 */
export function notThere({ isRepeat }: { readonly isRepeat: boolean }, refusal: Reply): Reply {
  return isRepeat ? noContent : refusal
}

export function refuse(
  type: ProblemType,
  msg: string,
  metadata: Readonly<Record<string, unknown>> = {},
): Reply {
  return refusal({ statusCode: problemStatus(type), type, msg, metadata })
}

/** As `refuse`, of a type that need not be known here. */
export function refusal(log: OperationLog): Reply {
  return { status: log.statusCode, body: { kind: 'json', value: log } }
}

/** Null unless it refuses in the words of `refuse`. */
export function problemTypeOf({ status, body }: Reply): ProblemType | null {
  if (status < 400 || body.kind !== 'json') return null
  const { type } = body.value as Partial<OperationLog>
  return PROBLEM_TYPES.find((known) => known === type) ?? null
}
