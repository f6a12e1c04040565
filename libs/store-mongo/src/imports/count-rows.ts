import type { ImportId, OutcomeKind, RowCounts, Waiting } from '@semblance/core'
import type { Collection } from 'mongodb'
import { type Ask, LIMITS, oneBatchOf } from '../records/record-writes.ts'
import { type ImportRowRecord, NOT_ENDED } from './import-row-record.ts'

interface CountDeps {
  readonly rows: Collection<ImportRowRecord>
  readonly ask: Ask
  readonly serverNow: (waiting?: Waiting) => Promise<number>
}

/** More than a process has under way at once. */
const MOST_CLAIMED = 20_000

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
  const firstFree = { ...LIMITS, sort: { position: 1 }, projection: { addedAt: 1 } } as const
  const claims = { ...oneBatchOf(MOST_CLAIMED), projection: { _id: 0, leaseUntil: 1, addedAt: 1 } } as const
  const [kinds, [sum], claimedRows, free] = await Promise.all([
    aggregate<{ readonly _id: OutcomeKind | typeof NOT_ENDED; readonly count: number }>(byKind),
    aggregate<{ readonly bytes: number }>(staged),
    ask(() => rows.find(isClaimed, claims).toArray(), waiting),
    ask(() => rows.findOne(isFree, firstFree), waiting),
  ])
  const ageOf = (at: Date) => Math.max(0, nowMs - at.getTime())
  const most = (values: readonly number[]) => values.reduce((one, other) => Math.max(one, other), 0)
  const claimed = claimedRows.length
  const counts = new Map(kinds.map(({ _id, count }) => [_id, count]))
  // They were counted one after the other.
  const waitingRows = Math.max(0, (counts.get(NOT_ENDED) ?? 0) - claimed)
  counts.delete(NOT_ENDED)
  return {
    waiting: waitingRows,
    claimed,
    ended: Object.fromEntries(counts),
    stagedBytes: sum?.bytes ?? 0,
    oldestWaitingMs: free === null ? 0 : ageOf(free.addedAt),
    oldestClaimedMs: most(claimedRows.map(({ addedAt }) => ageOf(addedAt))),
    claimLeftMs: most(claimedRows.map(({ leaseUntil }) => leaseUntil.getTime() - nowMs)),
  }
}
