import {
  type DuplicatePair,
  type DuplicatePairs,
  type KeptPair,
  movedPair,
  type OperationId,
  type PairDecision,
  type PairHandOver,
  type PairPlace,
  type PairQuery,
  type PersonId,
  type Waiting,
} from '@semblance/core'
import type { Collection, Db, Filter } from 'mongodb'
import { writeInParts } from '../records/bulk-writes.ts'
import { insertUnlessThere } from '../records/insert-unless-there.ts'
import { type Ask, LIMITS, oneBatchOf } from '../records/record-writes.ts'

/** Pairs that change hands at a time. */
const AT_ONCE = 500

/** A pair as MongoDB holds it. */
export interface PairRecord extends DuplicatePair {
  /** The ids of the operation and of both persons. */
  readonly _id: string
  readonly operationId: OperationId
  /** Empty while nothing is decided: some servers of the MongoDB wire store null as absent. */
  readonly decision: PairDecision | ''
}

/** Pairs that were found. */
export class MongoDuplicatePairs implements DuplicatePairs {
  readonly #pairs: Collection<PairRecord>
  readonly #ask: Ask

  constructor(db: Db, ask: Ask) {
    this.#pairs = db.collection<PairRecord>('duplicatePairs')
    this.#ask = ask
  }

  /** Those that are new are inserted; then each that was there with a greater distance is changed. */
  async add(id: OperationId, pairs: readonly DuplicatePair[], waiting?: Waiting): Promise<void> {
    if (pairs.length === 0) return
    const kept = await this.#keptAmong(pairs, waiting)
    const fresh = pairs.map((pair) => recordOf(id, pair, kept.has(keyOf(pair)) ? 'keep' : ''))
    await this.#ask(() => insertUnlessThere(this.#pairs, fresh), waiting)
    await writeInParts({ records: this.#pairs, ask: this.#ask }, fresh.map(nearerUpdate), waiting)
  }

  /** Keys of those of these pairs that were kept, in whatever operation. */
  async #keptAmong(pairs: readonly DuplicatePair[], waiting?: Waiting): Promise<ReadonlySet<string>> {
    const wanted = { personId: { $in: pairs.map(({ personId }) => personId) }, decision: 'keep' } as const
    const options = { ...LIMITS, projection: { _id: 0, personId: 1, otherId: 1 } } as const
    const find = () => this.#pairs.find(wanted, options).toArray()
    return new Set((await this.#ask(find, waiting)).map(keyOf))
  }

  count(operationId: OperationId, waiting?: Waiting): Promise<number> {
    return this.#ask(() => this.#pairs.countDocuments({ operationId }, LIMITS), waiting)
  }

  async list(query: PairQuery, waiting?: Waiting): Promise<readonly KeptPair[]> {
    const { id, after, limit, decision } = query
    const wanted: Filter<PairRecord> = {
      operationId: id,
      ...(decision === undefined ? {} : { decision: decision ?? '' }),
      ...(after === null ? {} : { $or: behind(after) }),
    }
    const find = () =>
      this.#pairs
        .find(wanted, oneBatchOf(limit))
        .sort({ distance: 1, personId: 1, otherId: 1 })
        .limit(limit)
        .toArray()
    return (await this.#ask(find, waiting)).map(pairOfRecord)
  }

  async decide(
    { id, ...persons }: { readonly id: OperationId } & Pick<DuplicatePair, 'personId' | 'otherId'>,
    decision: PairDecision | null,
    waiting?: Waiting,
  ): Promise<boolean> {
    const change = { $set: { decision: decision ?? '' } } as const
    const decide = () => this.#pairs.updateOne({ _id: idOf(id, persons) }, change, LIMITS)
    return (await this.#ask(decide, waiting)).matchedCount === 1
  }

  async erase(personId: PersonId, waiting?: Waiting): Promise<void> {
    await this.#ask(() => this.#pairs.deleteMany({ personId }, LIMITS), waiting)
    await this.#ask(() => this.#pairs.deleteMany({ otherId: personId }, LIMITS), waiting)
  }

  /** Some at a time: they are written under the one who stays before they go under the one who was merged. */
  async handOver(merged: PairHandOver, waiting?: Waiting): Promise<void> {
    for (const named of [{ personId: merged.from }, { otherId: merged.from }]) {
      const find = () => this.#pairs.find(named, oneBatchOf(AT_ONCE)).limit(AT_ONCE).toArray()
      for (
        let some = await this.#ask(find, waiting);
        some.length > 0;
        some = await this.#ask(find, waiting)
      ) {
        await this.#unite(
          some.flatMap((pair) => {
            const moved = movedPair(pair, merged)
            return moved === null ? [] : [recordOf(pair.operationId, moved, pair.decision)]
          }),
          waiting,
        )
        const ids = some.map(({ _id }) => _id)
        await this.#ask(() => this.#pairs.deleteMany({ _id: { $in: ids } }, LIMITS), waiting)
      }
    }
  }

  /** Of a pair that is there the smaller distance counts, and its decision if it has one. */
  async #unite(pairs: readonly PairRecord[], waiting?: Waiting): Promise<void> {
    if (pairs.length === 0) return
    await this.#ask(() => insertUnlessThere(this.#pairs, pairs), waiting)
    const nearer = pairs.map(nearerUpdate)
    const decided = pairs.flatMap(({ _id, decision }) =>
      decision === ''
        ? []
        : [{ updateOne: { filter: { _id, decision: '' as const }, update: { $set: { decision } } } }],
    )
    await writeInParts({ records: this.#pairs, ask: this.#ask }, [...nearer, ...decided], waiting)
  }
}

function nearerUpdate({ _id, distance, imageId, otherImageId }: PairRecord) {
  return {
    updateOne: {
      filter: { _id, distance: { $gt: distance } },
      update: { $set: { distance, imageId, otherImageId } },
    },
  }
}

function behind({ distance, personId, otherId }: PairPlace): Filter<PairRecord>[] {
  return [
    { distance: { $gt: distance } },
    { distance, personId: { $gt: personId } },
    { distance, personId, otherId: { $gt: otherId } },
  ]
}

function recordOf(
  operationId: OperationId,
  pair: DuplicatePair,
  decision: PairRecord['decision'],
): PairRecord {
  const { personId, otherId, imageId, otherImageId, distance } = pair
  const own = { personId, otherId, imageId, otherImageId, distance }
  return { _id: idOf(operationId, pair), operationId, ...own, decision }
}

function pairOfRecord({ _id, operationId: __, decision, ...pair }: PairRecord): KeptPair {
  return { ...pair, decision: decision === '' ? null : decision }
}

function idOf(id: OperationId, pair: Pick<DuplicatePair, 'personId' | 'otherId'>): string {
  return `${id} ${keyOf(pair)}`
}

function keyOf({ personId, otherId }: Pick<DuplicatePair, 'personId' | 'otherId'>): string {
  return `${personId} ${otherId}`
}
