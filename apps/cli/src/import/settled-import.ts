import { setTimeout as sleep } from 'node:timers/promises'
import type { ImportAnswer } from './import-calls.ts'

/** Rows on which no work has begun are taken back within half a second, and counts may be a second old. */
const PATIENCE_MS = 2_500
const LOOK_EVERY_MS = 250

/** How an import stands that has just been paused or cancelled, once the rows that only stood in the queue are taken back. */
export async function settledImport(
  get: () => Promise<ImportAnswer>,
  { patienceMs = PATIENCE_MS, everyMs = LOOK_EVERY_MS } = {},
): Promise<ImportAnswer> {
  const until = performance.now() + patienceMs
  for (;;) {
    const now = await get()
    if (now.rows.underWay === 0 || performance.now() > until) return now
    await sleep(everyMs)
  }
}
