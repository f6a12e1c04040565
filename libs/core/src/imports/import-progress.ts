import type { Lane, LaneLoad } from '../ports/job-queue.ts'
import type { RowStanding } from './counted-imports.ts'
import type { HeldUpBy, Import, RowSpan } from './import.ts'
import { LEASE_MS } from './rows-under-way.ts'

/**
 * `rows`: it is open, and has none to do. `searches-first`: calls of more urgent lanes wait, and go before its rows. `jobs`: the
 * machine is at work on jobs of the lowest lane, and none of them was a row of this import lately. `links`: servers behind
 * links are slow. `process`: the one that handed out its rows gives no sign of life, and another one is about to take over.
 * `workers`: none serves the lowest lane, or the networks of a worker answer to no picture.
 */
export const WAITS_FOR = [
  'rows',
  'paused',
  'searches-first',
  'jobs',
  'links',
  'process',
  'workers',
  'store',
  'queue',
  'disk',
] as const satisfies readonly (
  | HeldUpBy
  | 'rows'
  | 'paused'
  | 'searches-first'
  | 'jobs'
  | 'links'
  | 'process'
)[]

export type WaitsFor = (typeof WAITS_FOR)[number]

export interface ImportProgress {
  /** Bytes of pictures that came with rows. */
  readonly takenBytes: number
  /** Rows that end in a second, from the first that ended to the last, pauses included; null: not known yet. */
  readonly rowsPerSecond: number | null
  /** The same for the last minute, or for the part of it in which rows ended; null: not known yet. */
  readonly rowsPerSecondLately: number | null
  /** For the rows that are there, at the rate of the last minute; null: not known, or no row has ended for `STANDSTILL_MS`. */
  readonly etaSeconds: number | null
  /** Null: it moves, or has ended, or nobody can tell. */
  readonly waitsFor: WaitsFor | null
}

export interface ProgressDeps {
  readonly queue: { load(): Promise<Readonly<Record<Lane, LaneLoad>>> }
  readonly clock: { now(): number }
}

interface Standing extends RowStanding {
  readonly made: Import
}

/** A rate over less time says little. */
const LEAST_SPAN_MS = 1_000
/** No row ends for so long: an import that has rows waits for something. */
const IDLE_MS = 5_000
/** No row ends for so long: at no rate can anybody tell when the others will, and `waitsFor` says what they wait for. */
const STANDSTILL_MS = 10_000
/** The process that hands out rows says again and again what holds it up; what is older is over. */
const HELD_UP_FOR_MS = 30_000
/** A process that lives extends its claims again and again, long before so little is left of them. */
const SILENT_BELOW_MS = LEASE_MS / 2

/** How an import gets on: from what is stored, so that any process can tell it. */
export async function readProgress(deps: ProgressDeps, standing: Standing): Promise<ImportProgress> {
  const { pace } = standing
  const rowsPerSecondLately = rateOf(pace.lately)
  return {
    takenBytes: pace.takenBytes,
    rowsPerSecond: rateOf(pace.all),
    rowsPerSecondLately,
    etaSeconds: etaOf(standing, rowsPerSecondLately),
    waitsFor: await waitsFor(deps, standing),
  }
}

function rateOf({ rows, ms }: RowSpan): number | null {
  return rows === 0 || ms < LEAST_SPAN_MS ? null : (rows * 1000) / ms
}

function etaOf({ made, counts, pace }: Standing, rate: number | null): number | null {
  if (rate === null || !isActive(made) || (pace.idleMs ?? 0) >= STANDSTILL_MS) return null
  return (counts.waiting + counts.claimed) / rate
}

function isActive({ state }: Import): boolean {
  return state === 'open' || state === 'running'
}

async function waitsFor(
  { queue, clock }: ProgressDeps,
  { made, counts, pace }: Standing,
): Promise<WaitsFor | null> {
  if (made.state === 'paused') return 'paused'
  if (!isActive(made)) return null
  if (counts.waiting + counts.claimed === 0) return made.state === 'open' ? 'rows' : null
  const idleMs = pace.idleMs ?? Number.POSITIVE_INFINITY
  const heldUpMs = made.heldUp === null ? Number.POSITIVE_INFINITY : clock.now() - made.heldUp.at
  if (made.heldUp !== null && heldUpMs < Math.min(HELD_UP_FOR_MS, idleMs)) return made.heldUp.by
  const { oldestWaitingMs, oldestClaimedMs, claimed, claimLeftMs } = counts
  if (Math.min(idleMs, Math.max(oldestWaitingMs, oldestClaimedMs)) < IDLE_MS) return null
  if (claimed > 0 && claimLeftMs < SILENT_BELOW_MS) return 'process'
  // A queue that cannot be asked does no row either.
  const load = await queue.load().catch(() => null)
  return load === null ? 'queue' : reasonInQueue(load, claimed)
}

function reasonInQueue(
  { search, enroll, bulk }: Readonly<Record<Lane, LaneLoad>>,
  claimed: number,
): WaitsFor | null {
  // First: jobs may wait in the lane, and nobody is there who does them.
  if (bulk.workers === 0) return 'workers'
  if (search.waiting + enroll.waiting > 0) return 'searches-first'
  if (bulk.waiting + bulk.active > 0) return 'jobs'
  if (bulk.preparing > 0) return 'links'
  // Nobody has taken any of them. Rows that are claimed, and in no lane, are between two tries.
  return claimed === 0 ? 'process' : null
}
