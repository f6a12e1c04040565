import {
  type Feedback,
  type FeedbackId,
  type FeedbackQuery,
  type FeedbackRecords,
  MOST_FEEDBACK_OF_PERSON,
  type PersonId,
  type Waiting,
} from '@semblance/core'
import type { Collection, Db, Filter } from 'mongodb'
import { insertUnlessThere } from './insert-unless-there.ts'
import { type Ask, LIMITS, oneBatchOf } from './record-writes.ts'

/** Ids removed at a time: at most one more than what is kept, unless several calls came at once. */
const TRIMMED_AT_ONCE = 100

/** Feedback as MongoDB holds it. */
export interface FeedbackRecord extends Omit<Feedback, 'id' | 'requestId'> {
  readonly _id: FeedbackId
  /** Empty if none was named: some servers of the MongoDB wire store null as absent. */
  readonly requestId: string
}

/** What was said of candidates. */
export class MongoFeedbackRecords implements FeedbackRecords {
  readonly #records: Collection<FeedbackRecord>
  readonly #ask: Ask

  constructor(db: Db, ask: Ask) {
    this.#records = db.collection<FeedbackRecord>('feedback')
    this.#ask = ask
  }

  async add({ id, requestId, ...given }: Feedback, waiting?: Waiting): Promise<void> {
    const record = { _id: id, ...given, requestId: requestId ?? '' }
    await this.#ask(() => insertUnlessThere(this.#records, [record]), waiting)
    const options = { ...oneBatchOf(TRIMMED_AT_ONCE), projection: { _id: 1 } } as const
    const findOld = () =>
      this.#records
        .find({ personId: given.personId }, options)
        .sort({ _id: -1 })
        .skip(MOST_FEEDBACK_OF_PERSON)
        .limit(TRIMMED_AT_ONCE)
        .toArray()
    const old = (await this.#ask(findOld, waiting)).map(({ _id }) => _id)
    if (old.length === 0) return
    await this.#ask(() => this.#records.deleteMany({ _id: { $in: old } }, LIMITS), waiting)
  }

  async list({ personIds, before, limit }: FeedbackQuery, waiting?: Waiting): Promise<readonly Feedback[]> {
    const filter: Filter<FeedbackRecord> = {
      ...(personIds === null ? {} : { personId: { $in: [...personIds] } }),
      ...(before === null ? {} : { _id: { $lt: before } }),
    }
    const find = () => this.#records.find(filter, oneBatchOf(limit)).sort({ _id: -1 }).limit(limit).toArray()
    return (await this.#ask(find, waiting)).map(feedbackOf)
  }

  async remove(id: FeedbackId, waiting?: Waiting): Promise<boolean> {
    // What a call that is repeated after a break has removed itself was there.
    return this.#ask(async (isRepeat) => {
      const { deletedCount } = await this.#records.deleteOne({ _id: id }, LIMITS)
      return deletedCount === 1 || isRepeat
    }, waiting)
  }

  async erase(personId: PersonId, waiting?: Waiting): Promise<void> {
    await this.#ask(() => this.#records.deleteMany({ personId }, LIMITS), waiting)
  }
}

function feedbackOf({ _id, requestId, ...given }: FeedbackRecord): Feedback {
  return { id: _id, ...given, requestId: requestId === '' ? null : requestId }
}
