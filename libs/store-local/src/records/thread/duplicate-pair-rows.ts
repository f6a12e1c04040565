import type {
  DuplicatePair,
  DuplicatePairs,
  KeptPair,
  OperationId,
  PairDecision,
  PairHandOver,
  PairQuery,
  PersonId,
} from '@semblance/core'
import type { Database, Statement } from 'better-sqlite3'
import type { RowsOf } from '../store-calls.ts'

const COLUMNS = 'personId, otherId, imageId, otherImageId, distance, decision'

const OF_BOTH = '(personId = :from AND otherId = :to) OR (personId = :to AND otherId = :from)'
const OF_ONE = 'personId = :from OR otherId = :from'
/** The pair of just these two goes; each other pair is written under the one who stays, and goes under the one who was merged. */
const HAND_OVER = [
  `DELETE FROM duplicatePairs WHERE ${OF_BOTH}`,
  `INSERT INTO duplicatePairs (operationId, ${COLUMNS})
    SELECT operationId, min(:to, third), max(:to, third), iif(:to < third, own, thirds), iif(:to < third, thirds, own),
      distance, decision
    FROM (SELECT operationId, distance, decision, iif(personId = :from, otherId, personId) AS third,
        iif(personId = :from, imageId, otherImageId) AS own, iif(personId = :from, otherImageId, imageId) AS thirds
      FROM duplicatePairs WHERE ${OF_ONE})
    WHERE true
    ON CONFLICT DO UPDATE SET imageId = iif(excluded.distance < distance, excluded.imageId, imageId),
      otherImageId = iif(excluded.distance < distance, excluded.otherImageId, otherImageId),
      distance = min(distance, excluded.distance), decision = coalesce(decision, excluded.decision)`,
  `DELETE FROM duplicatePairs WHERE ${OF_ONE}`,
]

/** Pairs that were found. Synchronous: runs on the store's own thread. */
export class DuplicatePairRows implements RowsOf<DuplicatePairs> {
  readonly #add: Statement
  readonly #count: Statement
  readonly #list: Statement<unknown[], KeptPair>
  readonly #decide: Statement
  readonly #erase: Statement
  readonly #handOver: readonly Statement[]

  constructor(db: Database) {
    this.#add = db.prepare(`INSERT INTO duplicatePairs (operationId, ${COLUMNS})
      VALUES (:id, :personId, :otherId, :imageId, :otherImageId, :distance, (SELECT 'keep' FROM duplicatePairs AS other
        WHERE other.personId = :personId AND other.otherId = :otherId AND other.decision = 'keep' LIMIT 1))
      ON CONFLICT DO UPDATE SET imageId = excluded.imageId, otherImageId = excluded.otherImageId,
        distance = excluded.distance WHERE excluded.distance < distance`)
    this.#count = db.prepare('SELECT count(*) FROM duplicatePairs WHERE operationId = ?').pluck()
    this.#list = db.prepare(`SELECT ${COLUMNS} FROM duplicatePairs
      WHERE operationId = :id AND (distance, personId, otherId) > (:distance, :personId, :otherId)
        AND (:isAny OR decision IS :decision) ORDER BY distance, personId, otherId LIMIT :limit`)
    this.#decide = db.prepare(`UPDATE duplicatePairs SET decision = :decision
      WHERE operationId = :id AND personId = :personId AND otherId = :otherId`)
    this.#erase = db.prepare('DELETE FROM duplicatePairs WHERE personId = :person OR otherId = :person')
    this.#handOver = HAND_OVER.map((step) => db.prepare(step))
  }

  add(id: OperationId, pairs: readonly DuplicatePair[]): void {
    for (const { personId, otherId, imageId, otherImageId, distance } of pairs)
      this.#add.run({ id, personId, otherId, imageId, otherImageId, distance })
  }

  count(id: OperationId): number {
    return this.#count.get(id) as number
  }

  list({ id, after, limit, decision }: PairQuery): readonly KeptPair[] {
    const { distance, personId, otherId } = after ?? { distance: -1, personId: '', otherId: '' }
    const wanted = { isAny: Number(decision === undefined), decision: decision ?? null }
    return this.#list.all({ id, limit, distance, personId, otherId, ...wanted })
  }

  decide(
    { id, personId, otherId }: { readonly id: OperationId } & Pick<DuplicatePair, 'personId' | 'otherId'>,
    decision: PairDecision | null,
  ): boolean {
    return this.#decide.run({ id, personId, otherId, decision }).changes === 1
  }

  erase(person: PersonId): void {
    this.#erase.run({ person })
  }

  handOver({ from, to }: PairHandOver): void {
    for (const step of this.#handOver) step.run({ from, to })
  }
}
