import type { FeedbackId, ImageId, PersonId } from '../ids.ts'

/** What somebody who looked at a candidate of a search said of it. */
export const FEEDBACK_VERDICTS = ['not-this-person', 'this-person'] as const
export type FeedbackVerdict = (typeof FEEDBACK_VERDICTS)[number]

/**
 * A verdict on one candidate. Of the probe nothing is kept: neither its picture nor its descriptor, so that whoever is
 * unknown to the gallery stays so.
 */
export interface Feedback {
  readonly id: FeedbackId
  /** Who was the candidate. */
  readonly personId: PersonId
  /** The enrolled image that the probe was compared with. */
  readonly imageId: ImageId
  /** As the search told it, 0..2. */
  readonly distance: number
  readonly verdict: FeedbackVerdict
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** `X-RequestID` of the search, if the caller named it. */
  readonly requestId: string | null
}

/** The most that is kept of one person; the oldest go. So no caller fills the store by repeating a call. */
export const MOST_FEEDBACK_OF_PERSON = 100
