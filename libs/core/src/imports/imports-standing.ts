import type { ImportStore } from '../ports/import-store.ts'
import type { Waiting } from '../ports/waiting.ts'

/** What of imports has not ended. */
export interface ImportsStanding {
  readonly open: number
  readonly running: number
  readonly paused: number
  readonly waitingRows: number
  readonly claimedRows: number
  readonly stagedBytes: number
}

export async function standingOfImports(
  { records, rows }: Pick<ImportStore, 'records' | 'rows'>,
  waiting?: Waiting,
): Promise<ImportsStanding> {
  const standing = { open: 0, running: 0, paused: 0, waitingRows: 0, claimedRows: 0, stagedBytes: 0 }
  for (const { id, state } of await records.listByState(['open', 'running', 'paused'], waiting)) {
    if (state === 'open' || state === 'running' || state === 'paused') standing[state] += 1
    const counts = await rows.count(id, waiting)
    standing.waitingRows += counts.waiting
    standing.claimedRows += counts.claimed
    standing.stagedBytes += counts.stagedBytes
  }
  return standing
}
