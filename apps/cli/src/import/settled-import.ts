import { setTimeout as sleep } from 'node:timers/promises'

/** Rows on which no work has begun are taken back within half a second, and counts may be a second old. */
const PATIENCE_MS = 2_500
const LOOK_EVERY_MS = 250

/** How an import stands that has just been paused or cancelled, once the rows that only stood in the queue are taken back. */
export async function settledImport<T extends { readonly rows: { readonly underWay: number } }>(
  get: () => Promise<T>,
  { patienceMs = PATIENCE_MS, everyMs = LOOK_EVERY_MS } = {},
): Promise<T> {
  const until = performance.now() + patienceMs
  for (;;) {
    const now = await get()
    if (now.rows.underWay === 0 || performance.now() > until) return now
    await sleep(everyMs)
  }
}
