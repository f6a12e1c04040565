import type { Feedback } from '../feedback/feedback.ts'
import type { FeedbackId, PersonId } from '../ids.ts'
import type { Waiting } from './waiting.ts'

/** What was said of candidates. It stands under the person whom the search named then. See `RecordStore`. */
export interface FeedbackRecords {
  /** Without effect if the id is there. Of that person, only the newest `MOST_FEEDBACK_OF_PERSON` by id are kept. */
  add(feedback: Feedback, waiting?: Waiting): Promise<void>
  /** By decreasing id, newest first, below `before`; of these persons (at most 1,000), or of everybody for null. */
  list(query: FeedbackQuery, waiting?: Waiting): Promise<readonly Feedback[]>
  /** False if there is none. */
  remove(id: FeedbackId, waiting?: Waiting): Promise<boolean>
  /** Removes all that stands under this person. */
  erase(personId: PersonId, waiting?: Waiting): Promise<void>
}

export interface FeedbackQuery {
  readonly personIds: readonly PersonId[] | null
  /** Null: from the newest on. */
  readonly before: FeedbackId | null
  readonly limit: number
}
