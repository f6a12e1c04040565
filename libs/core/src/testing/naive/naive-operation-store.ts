import type { OperationId } from '../../ids.ts'
import { type KeptPair, movedPair, pairPlaceIsAfter } from '../../operations/duplicate-pair.ts'
import type { Operation } from '../../operations/operation.ts'
import { pageOf } from '../../page.ts'
import type {
  DuplicatePairs,
  OperationRecords,
  OperationStore,
  OperationTargets,
  TargetPart,
} from '../../ports/operation-store.ts'

interface KeptOperation {
  made: Operation
  readonly parts: Map<number, TargetPart>
  /** By the ids of both persons. */
  readonly pairs: Map<string, KeptPair>
}

/** What the naive operation stores of one "installation" share. */
export type NaiveOperations = Map<OperationId, KeptOperation>

/** The OperationStore contract in its plainest form, in memory. */
export function createNaiveOperationStore(operations: NaiveOperations = new Map()): OperationStore {
  return {
    records: recordsIn(operations),
    targets: targetsIn(operations),
    pairs: pairsIn(operations),
  }
}

function recordsIn(operations: NaiveOperations): OperationRecords {
  const all = () => [...operations.values()].map(({ made }) => made)
  return {
    insert: async (made, waiting) => {
      waiting?.signal?.throwIfAborted()
      if (operations.has(made.id)) return false
      operations.set(made.id, { made, parts: new Map(), pairs: new Map() })
      return true
    },
    find: async (id) => operations.get(id)?.made ?? null,
    list: async ({ kind, request }) => {
      const { cursor, page, size } = request
      const listed = all()
        .filter((made) => kind === undefined || made.kind === kind)
        .filter(({ id }) => cursor === undefined || id < cursor)
        .toSorted((a, b) => (a.id < b.id ? 1 : -1))
      return pageOf(listed.slice((page - 1) * size, page * size), listed.length, request)
    },
    listByState: async (states) =>
      all()
        .filter(({ state }) => states.includes(state))
        .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    update: async ({ id, rev }, changes) => {
      const kept = operations.get(id)
      if (kept?.made.rev !== rev) return null
      // A change has the parameters of the operation's own kind.
      kept.made = { ...kept.made, ...changes, rev: rev + 1 } as Operation
      return kept.made
    },
    forget: async (id) => void operations.delete(id),
  }
}

function targetsIn(operations: NaiveOperations): OperationTargets {
  return {
    add: async (id, parts) => {
      const kept = operations.get(id)?.parts
      for (const part of parts) if (kept?.has(part.position) === false) kept.set(part.position, part)
    },
    next: async (id, after) => {
      const parts = [...(operations.get(id)?.parts.values() ?? [])]
      return (
        parts
          .filter(({ position }) => position > after)
          .toSorted((a, b) => a.position - b.position)
          .at(0) ?? null
      )
    },
    drop: async (id, upTo = Number.POSITIVE_INFINITY) => {
      const parts = operations.get(id)?.parts
      for (const position of [...(parts?.keys() ?? [])]) if (position <= upTo) parts?.delete(position)
    },
  }
}

function pairsIn(operations: NaiveOperations): DuplicatePairs {
  const keyOf = ({ personId, otherId }: Pick<KeptPair, 'personId' | 'otherId'>) => `${personId} ${otherId}`
  const wasKept = (key: string) =>
    [...operations.values()].some(({ pairs }) => pairs.get(key)?.decision === 'keep')
  return {
    add: async (id, pairs) => {
      const kept = operations.get(id)?.pairs
      for (const pair of pairs) {
        const before = kept?.get(keyOf(pair))
        if (before !== undefined && before.distance <= pair.distance) continue
        const decision = before === undefined && wasKept(keyOf(pair)) ? 'keep' : (before?.decision ?? null)
        kept?.set(keyOf(pair), { ...pair, decision })
      }
    },
    count: async (id) => operations.get(id)?.pairs.size ?? 0,
    list: async ({ id, after, limit, decision }) =>
      [...(operations.get(id)?.pairs.values() ?? [])]
        .filter((pair) => decision === undefined || pair.decision === decision)
        .filter((pair) => after === null || pairPlaceIsAfter(pair, after))
        .toSorted((a, b) => (pairPlaceIsAfter(a, b) ? 1 : -1))
        .slice(0, limit),
    decide: async ({ id, ...persons }, decision) => {
      const kept = operations.get(id)?.pairs
      const pair = kept?.get(keyOf(persons))
      if (pair !== undefined) kept?.set(keyOf(pair), { ...pair, decision })
      return pair !== undefined
    },
    erase: async (person) => {
      for (const { pairs } of operations.values()) {
        for (const [key, { personId, otherId }] of pairs)
          if (personId === person || otherId === person) pairs.delete(key)
      }
    },
    handOver: async (merged) => {
      for (const { pairs } of operations.values()) {
        for (const [key, pair] of pairs) {
          if (pair.personId !== merged.from && pair.otherId !== merged.from) continue
          pairs.delete(key)
          const moved = movedPair(pair, merged)
          if (moved === null) continue
          const there = pairs.get(keyOf(moved))
          const nearer = there !== undefined && there.distance <= moved.distance ? there : moved
          pairs.set(keyOf(moved), { ...nearer, decision: there?.decision ?? pair.decision })
        }
      }
    },
  }
}
