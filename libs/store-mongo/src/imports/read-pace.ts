import { type ImportId, PACE_WINDOW_MS, type RowPace, type Waiting } from '@semblance/core'
import type { Collection } from 'mongodb'
import { type Ask, LIMITS } from '../records/record-writes.ts'
import type { ImportRowRecord } from './import-row-record.ts'
import type { ImportRecord } from './mongo-import-records.ts'

interface PaceDeps {
  readonly imports: Collection<ImportRecord>
  readonly rows: Collection<ImportRowRecord>
  readonly ask: Ask
  readonly serverNow: (waiting?: Waiting) => Promise<number>
}

/** Each part reads one index and no row, but for three of them. */
export async function readPace(deps: PaceDeps, importId: ImportId, waiting?: Waiting): Promise<RowPace> {
  const nowMs = await deps.serverNow(waiting)
  const since = nowMs - PACE_WINDOW_MS
  const options = { ...LIMITS, projection: { takenBytes: 1 } }
  const [made, rows, lateRows, firstAt, firstLateAt, lastAt] = await Promise.all([
    deps.ask(() => deps.imports.findOne({ _id: importId }, options), waiting),
    deps.ask(() => deps.rows.countDocuments(endedAfter(importId, 0), LIMITS), waiting),
    deps.ask(() => deps.rows.countDocuments(endedAfter(importId, since), LIMITS), waiting),
    endOf(deps, { importId, after: 0, sort: 1 }, waiting),
    endOf(deps, { importId, after: since, sort: 1 }, waiting),
    endOf(deps, { importId, after: 0, sort: -1 }, waiting),
  ])
  return {
    takenBytes: made?.takenBytes ?? 0,
    all: { rows, ms: Math.max(0, (lastAt ?? 0) - (firstAt ?? 0)) },
    lately: { rows: lateRows, ms: Math.max(0, nowMs - (firstLateAt ?? nowMs)) },
    idleMs: lastAt === null ? null : Math.max(0, nowMs - lastAt),
  }
}

/** Rows that somebody worked on. */
function endedAfter(importId: ImportId, after: number) {
  return { importId, endedAt: { $gt: after }, tries: { $gt: 0 } }
}

/** When the first (1) or the last (-1) of them ended; null if none has. */
async function endOf(
  { rows, ask }: PaceDeps,
  asked: { readonly importId: ImportId; readonly after: number; readonly sort: 1 | -1 },
  waiting?: Waiting,
): Promise<number | null> {
  const filter = endedAfter(asked.importId, asked.after)
  const options = { ...LIMITS, sort: { endedAt: asked.sort }, projection: { endedAt: 1 } } as const
  const row = await ask(() => rows.findOne(filter, options), waiting)
  return row?.endedAt ?? null
}
