import type { OperationId, OperationTargets, TargetPart, Waiting } from '@semblance/core'
import type { Collection, Db } from 'mongodb'
import { insertUnlessThere } from '../records/insert-unless-there.ts'
import { type Ask, LIMITS } from '../records/record-writes.ts'

/** A part of the targets of an operation, as MongoDB holds it; never changed. */
export interface TargetRecord extends TargetPart {
  /** The operation's id and the position. */
  readonly _id: string
  readonly operationId: OperationId
}

/** Whom operations still have to work on. */
export class MongoOperationTargets implements OperationTargets {
  readonly #records: Collection<TargetRecord>
  readonly #ask: Ask

  constructor(db: Db, ask: Ask) {
    this.#records = db.collection<TargetRecord>('operationTargets')
    this.#ask = ask
  }

  async add(operationId: OperationId, parts: readonly TargetPart[], waiting?: Waiting): Promise<void> {
    const records = parts.map((part) => ({ _id: `${operationId} ${part.position}`, operationId, ...part }))
    await this.#ask(() => insertUnlessThere(this.#records, records), waiting)
  }

  async next(operationId: OperationId, after: number, waiting?: Waiting): Promise<TargetPart | null> {
    const wanted = { operationId, position: { $gt: after } }
    const options = { ...LIMITS, sort: { position: 1 } } as const
    const found = await this.#ask(() => this.#records.findOne(wanted, options), waiting)
    // Some servers of the MongoDB wire store an empty list as absent.
    return found === null ? null : { position: found.position, personIds: found.personIds ?? [] }
  }

  async drop(operationId: OperationId, upTo?: number, waiting?: Waiting): Promise<void> {
    const wanted = { operationId, ...(upTo === undefined ? {} : { position: { $lte: upTo } }) }
    await this.#ask(() => this.#records.deleteMany(wanted, LIMITS), waiting)
  }
}
