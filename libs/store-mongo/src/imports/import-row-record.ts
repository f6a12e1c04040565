import {
  type ImageId,
  type ImportId,
  type ImportRow,
  type OutcomeKind,
  personKeyOf,
  personOfKey,
  type RowDraft,
  type RowPicture,
} from '@semblance/core'
import type { ObjectId } from 'mongodb'

/** The kind of a row that has not ended. Not null, which some servers of the MongoDB wire store as absent. */
export const NOT_ENDED = ''

/** No id is empty. */
const NOBODY = ''

/** What a row is, but for its import, its claim and its write. */
interface RowFields {
  readonly position: number
  readonly key: string
  readonly personKey: string
  /** JSON: what the row writes to its person. */
  readonly fields: string
  readonly stagedId?: ImageId
  readonly stagedBytes?: number
  readonly link?: string
  readonly digest: string
  readonly pictureSha256?: string
  readonly tries: number
  readonly imageId?: ImageId
  readonly outcomeKind: OutcomeKind | typeof NOT_ENDED
  /** JSON. Absent beside `NOT_ENDED`. */
  readonly outcome?: string
  /** Of a row that failed: whether another try may go through. */
  readonly isPassing?: boolean
  readonly endedAt?: number
}

/** A row as MongoDB holds it. */
export interface ImportRowRecord extends RowFields {
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
  const {
    key,
    person,
    digest,
    pictureSha256,
    position,
    tries,
    imageId,
    picture,
    outcome,
    endedAt,
    ...fields
  } = row
  return {
    position,
    key,
    personKey: personKeyOf(person),
    fields: JSON.stringify(fields),
    ...fieldsOfPicture(picture),
    digest,
    ...(pictureSha256 === null ? {} : { pictureSha256 }),
    tries,
    ...(imageId === null ? {} : { imageId }),
    outcomeKind: outcome?.kind ?? NOT_ENDED,
    ...(outcome === null ? {} : { outcome: JSON.stringify(outcome) }),
    ...(outcome?.kind === 'failed' ? { isPassing: outcome.isPassing } : {}),
    ...(endedAt === null ? {} : { endedAt }),
  }
}

export function rowOfRecord(record: RowFields): ImportRow {
  const { key, personKey, digest, position, tries, outcome } = record
  return {
    ...(JSON.parse(record.fields) as Pick<RowDraft, 'name' | 'metadata' | 'groups' | 'expireAt'>),
    key,
    person: personOfKey(personKey),
    picture: pictureOf(record),
    digest,
    pictureSha256: record.pictureSha256 ?? null,
    position,
    tries,
    imageId: record.imageId ?? null,
    outcome: outcome === undefined ? null : JSON.parse(outcome),
    endedAt: record.endedAt ?? null,
  }
}

function fieldsOfPicture(picture: RowPicture | null) {
  if (picture === null) return {}
  if (picture.from === 'link') return { link: picture.url }
  return { stagedId: picture.stagedId, stagedBytes: picture.bytes }
}

function pictureOf({ stagedId, stagedBytes = 0, link }: RowFields): RowPicture | null {
  if (stagedId !== undefined) return { from: 'staged', stagedId, bytes: stagedBytes }
  return link === undefined ? null : { from: 'link', url: link }
}
