import type { ImportId, OutcomeKind, RowCounts, Waiting } from '@semblance/core'
import type { Collection, Filter } from 'mongodb'
import { type Ask, LIMITS } from '../records/record-writes.ts'
import { type ImportRowRecord, NOT_ENDED } from './import-row-record.ts'

interface CountDeps {
  readonly rows: Collection<ImportRowRecord>
  readonly ask: Ask
  readonly serverNow: (waiting?: Waiting) => Promise<number>
}

/** Each part reads one index and no row, but for the oldest one. */
export async function countRows(
  { rows, ask, serverNow }: CountDeps,
  importId: ImportId,
  waiting?: Waiting,
): Promise<RowCounts> {
  const nowMs = await serverNow(waiting)
  const now = new Date(nowMs)
  const unended = { importId, outcomeKind: NOT_ENDED } as const
  const isFree = { ...unended, leaseUntil: { $lte: now } }
  const isClaimed = { ...unended, leaseUntil: { $gt: now } }
  const byKind = [{ $match: { importId } }, { $group: { _id: '$outcomeKind', count: { $sum: 1 } } }]
  const staged = [
    { $match: { importId, stagedBytes: { $gt: 0 } } },
    { $group: { _id: null, bytes: { $sum: '$stagedBytes' } } },
  ]
  const aggregate = <T extends object>(stages: object[]) =>
    ask(() => rows.aggregate<T>(stages, LIMITS).toArray(), waiting)
  // Rows lie in the order in which they were added.
  const oldestOf = async (filter: Filter<ImportRowRecord>) => {
    const options = { ...LIMITS, sort: { position: 1 }, projection: { addedAt: 1 } } as const
    const row = await ask(() => rows.findOne(filter, options), waiting)
    return row === null ? 0 : Math.max(0, nowMs - row.addedAt.getTime())
  }
  const lastClaim = { ...LIMITS, sort: { leaseUntil: -1 }, projection: { leaseUntil: 1, _id: 0 } } as const
  const [kinds, [sum], claimed, oldestWaitingMs, oldestClaimedMs, last] = await Promise.all([
    aggregate<{ readonly _id: OutcomeKind | typeof NOT_ENDED; readonly count: number }>(byKind),
    aggregate<{ readonly bytes: number }>(staged),
    ask(() => rows.countDocuments(isClaimed, LIMITS), waiting),
    oldestOf(isFree),
    oldestOf(isClaimed),
    ask(() => rows.findOne(isClaimed, lastClaim), waiting),
  ])
  const counts = new Map(kinds.map(({ _id, count }) => [_id, count]))
  // They were counted one after the other.
  const waitingRows = Math.max(0, (counts.get(NOT_ENDED) ?? 0) - claimed)
  counts.delete(NOT_ENDED)
  return {
    waiting: waitingRows,
    claimed,
    ended: Object.fromEntries(counts),
    stagedBytes: sum?.bytes ?? 0,
    oldestWaitingMs,
    oldestClaimedMs,
    claimLeftMs: last === null ? 0 : Math.max(0, last.leaseUntil.getTime() - nowMs),
  }
}
