import type { OperationId, PersonId } from '../ids.ts'
import type { DuplicatePair, KeptPair, PairDecision, PairPlace } from '../operations/duplicate-pair.ts'
import type { Operation, OperationChanges, OperationState } from '../operations/operation.ts'
import type { Page, PageRequest } from '../page.ts'
import type { Waiting } from './waiting.ts'

/**
 * Long operations over the gallery: what they are, what they still have to work on, and what they found. A call that
 * resolves is durable. A failing store throws E_STORE_UNAVAILABLE.
 */
export interface OperationStore {
  readonly records: OperationRecords
  readonly targets: OperationTargets
  readonly pairs: DuplicatePairs
}

/** The operations themselves. See `OperationStore`. */
export interface OperationRecords {
  /** False if the id exists. */
  insert(made: Operation, waiting?: Waiting): Promise<boolean>
  find(id: OperationId, waiting?: Waiting): Promise<Operation | null>
  /** By decreasing id; of this kind, or of all. */
  list(query: OperationQuery, waiting?: Waiting): Promise<Page<Operation>>
  /** Those in one of these states, by increasing id: what a process that starts has to go on with. */
  listByState(states: readonly OperationState[], waiting?: Waiting): Promise<readonly Operation[]>
  /** Compare-and-set: the new record, or null if it moved on or is absent. */
  update(
    target: { readonly id: OperationId; readonly rev: number },
    changes: OperationChanges,
    waiting?: Waiting,
  ): Promise<Operation | null>
  /** The record goes for good, and with it its targets and pairs. */
  forget(id: OperationId, waiting?: Waiting): Promise<void>
}

export interface OperationQuery {
  readonly kind?: Operation['kind']
  readonly request: PageRequest
}

/** Whom an operation is to work on, written down when it was asked for. See `OperationStore`. */
export interface OperationTargets {
  /** At most 1,000 persons in all. A part that is there already is left alone. */
  add(id: OperationId, parts: readonly TargetPart[], waiting?: Waiting): Promise<void>
  /** The first part after this position; null if there is none. */
  next(id: OperationId, after: number, waiting?: Waiting): Promise<TargetPart | null>
  /** Parts up to this position go; all of them if none is given. */
  drop(id: OperationId, upTo?: number, waiting?: Waiting): Promise<void>
}

/** Some of the persons of an operation, in one record. */
export interface TargetPart {
  /** From 1. */
  readonly position: number
  /** By increasing id. */
  readonly personIds: readonly PersonId[]
}

/** Pairs that operations found. See `OperationStore`. */
export interface DuplicatePairs {
  /**
   * At most 1,000. Of a pair that is there the smaller distance counts; what was decided stays. A pair that is new here, and
   * that was kept in any other operation, begins as kept.
   */
  add(id: OperationId, pairs: readonly DuplicatePair[], waiting?: Waiting): Promise<void>
  count(id: OperationId, waiting?: Waiting): Promise<number>
  /** By increasing distance, then ids. */
  list(query: PairQuery, waiting?: Waiting): Promise<readonly KeptPair[]>
  /** False if there is no such pair. */
  decide(
    target: { readonly id: OperationId } & Pick<DuplicatePair, 'personId' | 'otherId'>,
    decision: PairDecision | null,
    waiting?: Waiting,
  ): Promise<boolean>
  /** The person is deleted: every pair that names it goes, of whatever operation. */
  erase(personId: PersonId, waiting?: Waiting): Promise<void>
  /**
   * One person was merged into another: every pair that names the one names the other from now on, of whatever operation, and a
   * pair of just these two goes. Where that pair was there already, the smaller distance counts, and what was decided about it
   * stays; if nothing was, what was decided about the other pair holds. Broken off, it can be done again.
   */
  handOver(merged: PairHandOver, waiting?: Waiting): Promise<void>
}

export interface PairHandOver {
  readonly from: PersonId
  readonly to: PersonId
}

export interface PairQuery {
  readonly id: OperationId
  /** The place after which the answer begins; null: at the first. */
  readonly after: PairPlace | null
  readonly limit: number
  /** Only pairs of which this was decided; null: of which nothing was. Left out: all. */
  readonly decision?: PairDecision | null
}
