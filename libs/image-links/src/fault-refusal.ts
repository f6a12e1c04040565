import type { LinkRefusal } from '@semblance/core'
import { errors } from 'undici'

/** What undici says where bytes come that are no answer to the request. */
const NO_ANSWER = /^bad (response|upgrade)$/

/** What the parsers of both say of an end within a body. */
const CUT_OFF = 'HPE_INVALID_EOF_STATE'

/** The bytes of a link broke off, or are not what their length says; `cause` has why. */
export class BodyBroken extends Error {
  constructor(cause: unknown) {
    super('the bytes of a link broke off', { cause })
  }
}

/** The name servers know no address of a host: an answer, as a missing file is. */
export class UnknownHost extends Error {}

/** The word for what a target did, without its own words, which may hold addresses and answers. */
export function refusalOfFault(fault: unknown): LinkRefusal {
  if (fault instanceof UnknownHost) return 'unknown-host'
  if (!(fault instanceof BodyBroken)) return isInvalidAnswer(fault) ? 'invalid-answer' : 'unreachable'
  // An early end comes as one of these two, or as a socket that was closed.
  const isCut =
    fault.cause instanceof errors.ResponseContentLengthMismatchError || codeOf(fault.cause) === CUT_OFF
  return !isCut && isInvalidAnswer(fault.cause) ? 'invalid-answer' : 'incomplete'
}

/** By what undici and Node's own client, which the SDK of S3 uses, say of an answer that is no valid HTTP. */
function isInvalidAnswer(fault: unknown): boolean {
  if (fault instanceof errors.HTTPParserError) return true
  if (fault instanceof errors.ResponseContentLengthMismatchError) return true
  if (fault instanceof errors.HeadersOverflowError) return true
  if (fault instanceof errors.SocketError) return NO_ANSWER.test(fault.message)
  return codeOf(fault).startsWith('HPE_')
}

function codeOf(fault: unknown): string {
  return fault instanceof Error && 'code' in fault ? String(fault.code) : ''
}
