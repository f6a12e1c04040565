import type { ImageId } from '../ids.ts'
import type { InspectedStaged } from '../ports/record-inspector.ts'
import { faultOfFlatRow } from './import-faults.ts'
import { type ImportRow, personKeyOf, personOfKey, type RowDraft, type RowPicture } from './import-row.ts'
import { withoutUser } from './link-user.ts'
import type { OutcomeKind } from './row-outcome.ts'

/** A row as stores keep it: one value for each column or field, null where there is none. */
export interface FlatRow {
  readonly position: number
  readonly key: string
  readonly personKey: string
  /** JSON: what the row writes to its person. */
  readonly fields: string
  readonly stagedId: ImageId | null
  readonly stagedBytes: number | null
  readonly link: string | null
  readonly digest: string
  readonly pictureSha256: string | null
  readonly tries: number
  readonly imageId: ImageId | null
  readonly outcomeKind: OutcomeKind | null
  /** JSON. */
  readonly outcome: string | null
  readonly endedAt: number | null
}

export function flatRowOf(row: ImportRow): FlatRow {
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
    stagedId: picture?.from === 'staged' ? picture.stagedId : null,
    stagedBytes: picture?.from === 'staged' ? picture.bytes : null,
    // A row of an earlier version may have been read before its link was blanked.
    link: picture?.from === 'link' ? withoutUser(picture.url) : null,
    digest,
    pictureSha256,
    tries,
    imageId,
    outcomeKind: outcome?.kind ?? null,
    outcome: outcome === null ? null : JSON.stringify(outcome),
    endedAt,
  }
}

/** The inverse of `flatRowOf`. A row that cannot be read has failed: it must not hold up those after it. */
export function rowOfFlat(flat: FlatRow): ImportRow {
  return faultOfFlatRow(flat) === null ? readableRow(flat) : damagedRow(flat)
}

function damagedRow(flat: FlatRow): ImportRow {
  const { key, personKey, position, tries, imageId, endedAt } = flat
  const outcome = { kind: 'failed', why: 'its record in the store is damaged', isPassing: false } as const
  const own = { key, person: personOfKey(personKey), position, tries, imageId, endedAt, outcome }
  return { ...own, picture: pictureOf(flat), digest: flat.digest, pictureSha256: flat.pictureSha256 }
}

function readableRow(flat: FlatRow): ImportRow {
  const { key, personKey, digest, pictureSha256, position, tries, imageId, outcome, endedAt } = flat
  return {
    ...(JSON.parse(flat.fields) as Pick<RowDraft, 'name' | 'metadata' | 'groups' | 'expireAt'>),
    key,
    person: personOfKey(personKey),
    picture: pictureOf(flat),
    digest,
    pictureSha256,
    position,
    tries,
    imageId,
    outcome: outcome === null ? null : JSON.parse(outcome),
    endedAt,
  }
}

function pictureOf({ stagedId, stagedBytes, link }: FlatRow): RowPicture | null {
  if (stagedId !== null) return { from: 'staged', stagedId, bytes: stagedBytes ?? 0 }
  return link === null ? null : { from: 'link', url: link }
}

/** The picture that a row waits for, as a look at the store tells it. A row that needs none any more has let go of it. */
export function inspectedStagedOf({
  stagedId,
  stagedBytes,
  pictureSha256,
}: Partial<Pick<FlatRow, 'stagedId' | 'stagedBytes' | 'pictureSha256'>>): InspectedStaged | null {
  if (stagedId === null || stagedId === undefined) return null
  return { id: stagedId, bytes: stagedBytes ?? 0, sha256: pictureSha256 ?? null }
}
