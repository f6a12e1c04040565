import { isPassingRefusal, type LinkRefusal } from '@semblance/core'
import type { PictureProblem } from '@semblance/jobs'
import type { Reply } from '../endpoint/reply.ts'
import { RESULT_CODES } from '../endpoint/result-codes.ts'

const LINK_REFUSALS = {
  'unsupported-scheme': 'is a link of a kind that is not supported',
  'invalid-link': 'is not a link',
  'address-not-allowed': 'leads to an address that is not allowed',
  'unknown-host': 'names a host that is not known',
  unreachable: 'could not be reached',
  timeout: 'took too long',
  incomplete: 'broke off before its end',
  'invalid-answer': 'was not answered as HTTP asks for',
  'too-large': 'is too large',
  'too-many-redirects': 'redirects too often',
  'bad-status': 'did not answer with a picture',
} as const satisfies Record<LinkRefusal, string>

const UNREADABLE =
  'image cannot be read as a picture; JPEG, PNG, WebP, TIFF, GIF, AVIF, BMP and JPEG 2000 can, HEIC only with a decoder that is installed apart'

/** What a picture without a face is told by every call. */
export const NO_FACE = 'image shows no face'

export interface ExplainedProblem {
  /** The code of calls that answer problems with 200 and a code. */
  readonly code: number
  readonly type: 'ImageDecodeError' | 'ImageTooLarge' | 'ImageLinkRefused'
  readonly msg: string
  readonly metadata: Readonly<Record<string, string | number>>
}

/** Whether a later try with the same picture may end otherwise. */
export function isPassingProblem(problem: PictureProblem): boolean {
  return problem.outcome === 'link-refused' && isPassingRefusal(problem.reason)
}

/** The reply to whoever sent such a picture: what may pass is no last word, so it is not kept for an `Idempotency-Key`. */
export function replyToProblem(problem: PictureProblem, reply: Reply): Reply {
  return isPassingProblem(problem) ? { ...reply, isPassing: true } : reply
}

/** Tells the caller what is wrong, and nothing of a link's target beyond the rule that it broke. */
export function explainProblem(problem: PictureProblem): ExplainedProblem {
  switch (problem.outcome) {
    case 'undecodable':
      return { code: RESULT_CODES.undecodable, type: 'ImageDecodeError', msg: UNREADABLE, metadata: {} }
    case 'too-many-pixels': {
      const { maxPixels } = problem
      return {
        code: RESULT_CODES.undecodable,
        type: 'ImageTooLarge',
        msg: `image has more than ${maxPixels} pixels`,
        metadata: { maxPixels },
      }
    }
    case 'link-refused': {
      const { reason } = problem
      return {
        code: RESULT_CODES.noPicture,
        type: 'ImageLinkRefused',
        msg: `image.imageUrl ${LINK_REFUSALS[reason]}`,
        metadata: { reason },
      }
    }
  }
}
