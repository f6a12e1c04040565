import type { QualityGate } from '../detection/quality-gate.ts'
import type { GroupId, ImportId } from '../ids.ts'
import type { ResizeRequest } from '../ports/face-engine.ts'
import type { ImportSource } from './import-source.ts'
import type { OutcomeKind } from './row-outcome.ts'

/**
 * Many photos of many persons, taken in as one durable job. `open`: rows may be added, and are worked on as they come.
 * `running`: all rows are in. `paused`: nothing is worked on; rows may be added if it was open. `done` is an end from which
 * `retry` leads back to `running`. `cancelled`: no row is begun any more, and those that wait end as `cancelled`.
 * `deleting`: its rows and staged pictures are going.
 */
export type ImportState = 'open' | 'running' | 'paused' | 'cancelled' | 'done' | 'deleting'

export interface Import {
  readonly id: ImportId
  readonly name: string
  readonly policies: ImportPolicies
  /** Groups that every person who is made joins, beside those of the row. */
  readonly groups: readonly GroupId[]
  readonly state: ImportState
  /** Whether rows may still be added, or could be if it were not paused. */
  readonly takesRows: boolean
  readonly createdAt: number
  readonly updatedAt: number
  /** When it became `done`, or when all rows of a `cancelled` one had ended; null before. */
  readonly endedAt: number | null
  /** It is `deleting`, and the persons whom it made go before it. */
  readonly erasesPersons: boolean
  /** What its rows could not be done without when they were last tried; null if that never happened. */
  readonly heldUp: HeldUp | null
  /** Where the server itself takes rows from; null: rows come by calls alone. */
  readonly source: ImportSource | null
  /** A number that each change raises by one. */
  readonly rev: number
}

/**
 * `workers`: there is none, or its networks answer to no picture. `queue`: it is away, or takes no more rows for now. `disk`: nearly
 * full.
 */
export type HeldUpBy = 'workers' | 'store' | 'queue' | 'disk'

export interface HeldUp {
  readonly by: HeldUpBy
  readonly at: number
}

/** What is done with a row that could be taken in several ways. */
export interface ImportPolicies {
  /** `one`: a picture of several faces is refused. `central`, `largest`: that face is taken. */
  readonly faces: 'one' | 'central' | 'largest'
  readonly quality: QualityGate
  /** `skip`: a picture that the person has already, by SHA-256, is not enrolled again. */
  readonly samePicture: 'skip' | 'enroll'
  /** What becomes of a face that is within the threshold of another person, in the gallery or in this import. */
  readonly samePerson: 'off' | 'report' | 'refuse'
  /** Whether fields of a row replace those of a person who is there already. */
  readonly onConflict: 'keep' | 'update'
  /**
   * Whether descriptors that rows bring along are taken over, if they are of this gallery's pack, so that no network looks at
   * the picture. Nobody can tell whose face such numbers are of. Left out: false.
   */
  readonly trustDescriptors?: boolean | undefined
  readonly resize: ResizeRequest | null
  /** Everything but writing to the gallery. */
  readonly dryRun: boolean
}

/** What a change may touch. */
export type ImportChanges = Partial<
  Pick<Import, 'state' | 'takesRows' | 'endedAt' | 'name' | 'heldUp' | 'erasesPersons' | 'source'>
> &
  Pick<Import, 'updatedAt'>

/** How many rows of an import stand where. */
export interface RowCounts {
  /** In no work: not begun, or to be tried again. */
  readonly waiting: number
  /** Somebody is at work on them. */
  readonly claimed: number
  /** Ended ones by outcome; kinds without a row are left out. */
  readonly ended: Readonly<Partial<Record<OutcomeKind, number>>>
  /** Bytes of the pictures that are staged and not used up. */
  readonly stagedBytes: number
  /** Milliseconds since the oldest waiting row was added; 0 if none waits. */
  readonly oldestWaitingMs: number
  /** Milliseconds since the oldest claimed row was added; 0 if none is claimed. */
  readonly oldestClaimedMs: number
  /** Milliseconds until the last of the claims runs out, unless it is extended; 0 if none is claimed. */
  readonly claimLeftMs: number
}

/** How fast rows come to their end, by the store's own clock. Rows that were wrong as they were sent do not count. */
export interface RowPace {
  /** Bytes of the pictures that came with rows, those of ended rows too. A crash may count some pictures twice. */
  readonly takenBytes: number
  /** All that have ended; from the first end to the last. */
  readonly all: RowSpan
  /** Those that ended within `PACE_WINDOW_MS`; from the first of these ends until now. */
  readonly lately: RowSpan
  /** Milliseconds since a row ended; null if none has. */
  readonly idleMs: number | null
}

export interface RowSpan {
  readonly rows: number
  readonly ms: number
}

/** What counts as lately. */
export const PACE_WINDOW_MS = 60_000

export function totalRows({ waiting, claimed, ended }: RowCounts): number {
  return Object.values(ended).reduce((sum, count) => sum + count, waiting + claimed)
}
