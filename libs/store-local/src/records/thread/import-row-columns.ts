import {
  type ImageId,
  type ImportRow,
  type OutcomeKind,
  personKeyOf,
  personOfKey,
  type RowDraft,
  type RowPicture,
} from '@semblance/core'

/** A row of an import as its table has it. */
export interface ImportRowColumns {
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

export const IMPORT_ROW_COLUMNS = `position, key, personKey, fields, stagedId, stagedBytes, link, digest, pictureSha256,
  tries, imageId, outcomeKind, outcome, endedAt`

/** Sets all that a row consists of, but for its place and its claim. */
export const IMPORT_ROW_ASSIGNMENTS = `key = :key, personKey = :personKey, fields = :fields, stagedId = :stagedId,
  stagedBytes = :stagedBytes, link = :link, digest = :digest, pictureSha256 = :pictureSha256, tries = :tries,
  imageId = :imageId, outcomeKind = :outcomeKind, outcome = :outcome, endedAt = :endedAt`

export function columnsOf(row: ImportRow): ImportRowColumns {
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
    link: picture?.from === 'link' ? picture.url : null,
    digest,
    pictureSha256,
    tries,
    imageId,
    outcomeKind: outcome?.kind ?? null,
    outcome: outcome === null ? null : JSON.stringify(outcome),
    endedAt,
  }
}

export function rowOf(columns: ImportRowColumns): ImportRow {
  const { key, personKey, digest, pictureSha256, position, tries, imageId, outcome, endedAt } = columns
  return {
    ...(JSON.parse(columns.fields) as Pick<RowDraft, 'name' | 'metadata' | 'groups' | 'expireAt'>),
    key,
    person: personOfKey(personKey),
    picture: pictureOf(columns),
    digest,
    pictureSha256,
    position,
    tries,
    imageId,
    outcome: outcome === null ? null : JSON.parse(outcome),
    endedAt,
  }
}

function pictureOf({ stagedId, stagedBytes, link }: ImportRowColumns): RowPicture | null {
  if (stagedId !== null) return { from: 'staged', stagedId, bytes: stagedBytes ?? 0 }
  return link === null ? null : { from: 'link', url: link }
}
