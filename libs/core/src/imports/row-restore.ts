import type { GalleryPorts } from '../gallery-ports.ts'
import type { GroupId, ImageId, PackId } from '../ids.ts'
import type { ImportRow } from './import-row.ts'
import type { RowOutcome } from './row-outcome.ts'

/**
 * The records of another gallery that a row brings back under the ids they had there. A row with `image` or `person` names
 * its person by id; one with `group` is about that group alone. Times are milliseconds since the epoch.
 */
export interface RowRestore {
  readonly group?: RestoredGroup
  readonly person?: RestoredPerson
  readonly image?: RestoredImage
}

/** Its name and metadata are those of the row. */
export interface RestoredGroup {
  readonly id: GroupId
  readonly createdAt: number
}

/** What a row has no fields for. */
export interface RestoredPerson {
  readonly externalId: string | null
  readonly createdAt: number
  readonly updatedAt: number
}

export interface RestoredImage {
  readonly id: ImageId
  readonly createdAt: number
  /** Lower-case hex over the picture. */
  readonly sha256: string
  /** Null if the export has none. */
  readonly descriptor: RestoredDescriptor | null
}

export interface RestoredDescriptor {
  readonly packId: PackId
  /** As `textOfValues` writes it. Whoever made the export may have put any numbers there. */
  readonly text: string
  /** 0..100; null: nobody knew it. Left out: an export of an earlier version, which did not tell. */
  readonly quality?: number | null
  /** 0..1; as the quality. */
  readonly damage?: number | null
}

/** The key of the row that brings back a group: persons of the same import look for it there. */
export function keyOfGroupRow(id: GroupId): string {
  return `groups/${id}.json`
}

/**
 * A tombstone is forgotten after 24 h, and only then may an id that was deleted be written again. So a row that gives its
 * records old ids must be worked on well before: whatever was deleted after the row came in still has its tombstone.
 * The four hours between are for clocks that differ, and for a process that sleeps on its way to the store.
 */
const MAX_WAIT_MS = 20 * 3_600_000

/** Whether the row has waited so long that a deletion may have come and been forgotten since. */
export function isTooOldToRestore(
  gallery: Pick<GalleryPorts, 'clock'>,
  { takenAt }: Pick<ImportRow, 'takenAt'>,
): boolean {
  return takenAt !== undefined && gallery.clock.now() - takenAt > MAX_WAIT_MS
}

/** Such a row keeps nothing and is not tried again: sent once more in another import, it may well go through. */
export function waitedTooLong(): RowOutcome {
  const why = 'has waited for more than 20 hours, so that what it brings back may have been deleted since'
  return { kind: 'invalid', field: 'row', why }
}

/** How a row ends that was to make somebody, or to bring somebody back, and whose expiry has passed while it waited. */
export function hasExpired(does: 'make' | 'bring back'): RowOutcome {
  return { kind: 'invalid', field: 'expireAt', why: `has passed, so that there is nobody to ${does}` }
}

/** `what`: `person`, `image` or `group`. Never a failure that is kept for another try: what is deleted stays so. */
export function deletedHere(what: keyof RowRestore): RowOutcome {
  return { kind: 'invalid', field: what, why: WAS_DELETED_HERE }
}

const WAS_DELETED_HERE = 'was deleted here'

/** Whether the row ended so since its person was deleted here. */
export function isPersonDeletedHere(outcome: RowOutcome): boolean {
  return outcome.kind === 'invalid' && outcome.field === 'person' && outcome.why === WAS_DELETED_HERE
}
