import {
  type Operation,
  type OperationChanges,
  type OperationId,
  type OperationQuery,
  type OperationRecords,
  type OperationState,
  type Page,
  pageOf,
  type Waiting,
} from '@semblance/core'
import type { Collection, Db } from 'mongodb'
import { pageOfRecords } from '../records/page-of-records.ts'
import { type Ask, LIMITS, RecordWrites, type StoredRecord } from '../records/record-writes.ts'
import type { PairRecord } from './mongo-duplicate-pairs.ts'
import type { TargetRecord } from './mongo-operation-targets.ts'

/** An operation as MongoDB holds it. */
export interface OperationRecord extends Omit<Operation, 'id' | 'parameters'>, StoredRecord {
  readonly _id: OperationId
  /** JSON. */
  readonly parameters: string
}

/** Operations without their targets and results. */
export class MongoOperationRecords implements OperationRecords {
  readonly #db: Db
  readonly #records: Collection<OperationRecord>
  readonly #writes: RecordWrites<OperationRecord>
  readonly #ask: Ask

  constructor(db: Db, ask: Ask) {
    this.#db = db
    this.#records = db.collection<OperationRecord>('operations')
    this.#writes = new RecordWrites(this.#records, ask)
    this.#ask = ask
  }

  insert({ id, parameters, ...rest }: Operation, waiting?: Waiting): Promise<boolean> {
    return this.#writes.insert({ _id: id, ...rest, parameters: JSON.stringify(parameters) }, waiting)
  }

  async find(id: OperationId, waiting?: Waiting): Promise<Operation | null> {
    const record = await this.#ask(() => this.#records.findOne({ _id: id }, LIMITS), waiting)
    return record === null ? null : operationOf(record)
  }

  async list({ kind, request }: OperationQuery, waiting?: Waiting): Promise<Page<Operation>> {
    const at = { records: this.#records, ask: this.#ask }
    const filter = kind === undefined ? {} : { kind }
    const { total, found } = await pageOfRecords(at, { filter, request }, waiting)
    return pageOf(found.map(operationOf), total, request)
  }

  async listByState(states: readonly OperationState[], waiting?: Waiting): Promise<readonly Operation[]> {
    const filter = { state: { $in: [...states] } }
    const find = () => this.#records.find(filter, LIMITS).sort({ _id: 1 }).toArray()
    return (await this.#ask(find, waiting)).map(operationOf)
  }

  async update(
    { id, rev }: { readonly id: OperationId; readonly rev: number },
    changes: OperationChanges,
    waiting?: Waiting,
  ): Promise<Operation | null> {
    const { parameters, ...others } = changes
    const values = {
      ...others,
      ...(parameters === undefined ? {} : { parameters: JSON.stringify(parameters) }),
      rev: rev + 1,
    }
    const changed = await this.#writes.changeAndRead({ _id: id, rev }, values, waiting)
    return changed === null ? null : operationOf(changed)
  }

  /** What belongs to the record goes before it: a process that dies in between leaves what the next try finds. */
  async forget(operationId: OperationId, waiting?: Waiting): Promise<void> {
    const targets = this.#db.collection<TargetRecord>('operationTargets')
    const pairs = this.#db.collection<PairRecord>('duplicatePairs')
    await this.#ask(() => targets.deleteMany({ operationId }, LIMITS), waiting)
    await this.#ask(() => pairs.deleteMany({ operationId }, LIMITS), waiting)
    await this.#ask(() => this.#records.deleteOne({ _id: operationId }, LIMITS), waiting)
  }
}

function operationOf(record: OperationRecord): Operation {
  const { _id, touchedAt: _, write: __, parameters, cursor, failure, endedAt, marks, ...rest } = record
  return {
    id: _id,
    ...rest,
    parameters: JSON.parse(parameters),
    // Records of an earlier version have none.
    marks: marks ?? [],
    // Some servers of the MongoDB wire store null as absent.
    cursor: cursor ?? null,
    failure: failure ?? null,
    endedAt: endedAt ?? null,
  } as Operation
}
