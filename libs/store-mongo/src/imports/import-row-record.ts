import {
  type FlatRow,
  flatRowOf,
  type ImportId,
  type ImportRow,
  type OutcomeKind,
  rowOfFlat,
} from '@semblance/core'
import type { ObjectId } from 'mongodb'

/** The kind of a row that has not ended. Not null, which some servers of the MongoDB wire store as absent. */
export const NOT_ENDED = ''

/** No id is empty. */
const NOBODY = ''

/** What a row is, but for its import, its claim and its write. What is null is left out. */
type RowFields = Present<Omit<FlatRow, 'outcomeKind'>> & {
  readonly outcomeKind: OutcomeKind | typeof NOT_ENDED
  /** Of a row that failed: whether another try may go through. */
  readonly isPassing?: boolean
}

/** An object whose nulls are left out. */
type Present<T> = {
  readonly [Key in keyof T as null extends T[Key] ? never : Key]: T[Key]
} & { readonly [Key in keyof T as null extends T[Key] ? Key : never]?: NonNullable<T[Key]> }

/** A row as MongoDB holds it. */
export type ImportRowRecord = RowFields & {
  /** Of `idOfRow`: rows of one import lie in their order. */
  readonly _id: string
  readonly importId: ImportId
  /** By the server's clock. */
  readonly addedAt: Date
  /** `NOBODY` unless claimed. */
  readonly holder: string
  /** By the server's clock; long ago unless claimed. */
  readonly leaseUntil: Date
  /** An id made anew for each write: tells whether a write was carried out, and whether another one was since. */
  readonly write: ObjectId
}

export const UNCLAIMED = { holder: NOBODY, leaseUntil: new Date(0) } as const

const POSITION_DIGITS = 12

export function idOfRow(importId: ImportId, position: number): string {
  return `${importId} ${String(position).padStart(POSITION_DIGITS, '0')}`
}

/** A filter over `_id` for the rows of an import that come after a position. */
export function idsAfter(
  importId: ImportId,
  position: number,
): { readonly $gt: string; readonly $lt: string } {
  // `!` is the character that follows the space of an id.
  return { $gt: idOfRow(importId, position), $lt: `${importId}!` }
}

export function fieldsOfRow(row: ImportRow): RowFields {
  const { outcomeKind, ...flat } = flatRowOf(row)
  const { outcome } = row
  return {
    ...present(flat),
    outcomeKind: outcomeKind ?? NOT_ENDED,
    ...(outcome?.kind === 'failed' ? { isPassing: outcome.isPassing } : {}),
  }
}

export function rowOfRecord({ outcomeKind, ...fields }: RowFields): ImportRow {
  return rowOfFlat({ ...NOTHING, ...fields, outcomeKind: outcomeKind === NOT_ENDED ? null : outcomeKind })
}

/** Stands for what a record leaves out. */
const NOTHING = {
  stagedId: null,
  stagedBytes: null,
  link: null,
  pictureSha256: null,
  imageId: null,
  outcome: null,
  endedAt: null,
}

function present<T extends object>(value: T): Present<T> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== null)) as Present<T>
}
