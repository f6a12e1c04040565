import type { GroupId, ImageId, PersonId } from '../ids.ts'
import { PERSON_DELETED, RETRYABLE_KINDS, type RowOutcome } from './row-outcome.ts'
import type { RowRestore } from './row-restore.ts'

/** Longest key of a row, in characters. The limit is ours: keys are asked for by the thousand. */
export const MAX_ROW_KEY_LENGTH = 512
/** Hex digits of a digest, which tell rows of one place or key apart. */
export const ROW_KEY_DIGITS = 12

/** Whom a row is about. Rows of one import that name the same person lead to one person. */
export type RowPerson =
  | { readonly by: 'id'; readonly id: PersonId }
  /** The one with this external id; made if there is none. */
  | { readonly by: 'externalId'; readonly externalId: string }
  /** Somebody of this import only; rows that give the same key mean the same person. Always made. */
  | { readonly by: 'key'; readonly key: string }

export type RowPicture =
  /** Bytes that wait in the store of staged pictures. */
  | { readonly from: 'staged'; readonly stagedId: ImageId; readonly bytes: number }
  /** Any kind of link that an `imageUrl` takes. */
  | { readonly from: 'link'; readonly url: string }

/** One row as it was sent. Fields that are left out are not written. */
export interface RowDraft {
  /** Unique in its import: sent again, a row has no second effect. */
  readonly key: string
  readonly person: RowPerson
  readonly name?: string
  /** A JSON object as text. */
  readonly metadata?: string
  readonly groups?: readonly GroupId[]
  readonly expireAt?: number | null
  /** What an export told of the record that this row brings back, beside the fields above. */
  readonly restore?: RowRestore
  /** When the row was taken in, if it names its records by their ids; see `isTooOldToRestore`. */
  readonly takenAt?: number
  /** Null: the row is about the person alone. */
  readonly picture: RowPicture | null
  /** Lower-case hex over everything that was sent, the picture's bytes included: tells a repeated row from another one. */
  readonly digest: string
  /** Lower-case hex over the picture's bytes as they were sent; null before a link is fetched. */
  readonly pictureSha256: string | null
  /** Set if the row is wrong as it was sent; it is kept for the report and never worked on. */
  readonly outcome?: Extract<RowOutcome, { kind: 'invalid' | 'undecodable' }>
}

export interface ImportRow extends Omit<RowDraft, 'outcome'> {
  /** Place in the import's order, from 1. */
  readonly position: number
  /** How often work on it began. */
  readonly tries: number
  /** The id under which its picture is enrolled, given when work on it first begins; null before, and in a dry run. */
  readonly imageId: ImageId | null
  /** Null while it waits or is worked on. */
  readonly outcome: RowOutcome | null
  /** When it ended; null before. */
  readonly endedAt: number | null
}

/** By what a store finds the row again: see `NamedRow`. */
export function namedRow({ key, position }: Pick<ImportRow, 'key' | 'position'>) {
  return { key, position }
}

/** What is left of a row once it has ended and is not to be tried again: whom it was about, and what came of it. */
export function endedRow(
  row: ImportRow,
  ended: { readonly outcome: RowOutcome; readonly at: number },
): ImportRow {
  const isKept = RETRYABLE_KINDS.some((kind) => kind === ended.outcome.kind)
  const kept = isKept ? row : bareRow(row)
  return { ...kept, outcome: ended.outcome, endedAt: ended.at }
}

/** What is left of a row that nobody works on when its import is cancelled. One that has ended keeps its outcome. */
export function cancelledRow(row: ImportRow, atMs: number): ImportRow {
  return {
    ...bareRow(row),
    outcome: row.outcome ?? { kind: 'cancelled' },
    endedAt: row.endedAt ?? atMs,
  }
}

function bareRow(row: ImportRow) {
  const { key, person, digest, pictureSha256, position, tries, imageId } = row
  return { key, person, digest, pictureSha256, position, tries, imageId, picture: null }
}

/** Begins the keys of rows whose person was deleted, and no other key. */
export const ERASED_KEY = 'erased:'

/** What is left of a row when its person is deleted: its place and what came of it, nothing by which to tell whose it was. */
export function erasedRow(row: ImportRow, atMs: number): ImportRow {
  const { position, tries } = row
  const key = `${ERASED_KEY}${position}`
  const outcome: RowOutcome = row.outcome ?? PERSON_DELETED
  return {
    key,
    person: { by: 'key', key },
    digest: '',
    pictureSha256: null,
    position,
    tries,
    imageId: null,
    picture: null,
    outcome: {
      ...withoutLike(outcome),
      ...('face' in outcome ? { face: null } : {}),
      ...('personId' in outcome ? { personId: null } : {}),
      ...('imageId' in outcome ? { imageId: null } : {}),
    },
    endedAt: row.endedAt ?? atMs,
  }
}

/** Whom a face was like tells of the face. */
function withoutLike(outcome: RowOutcome): RowOutcome {
  if (!('likePerson' in outcome)) return outcome
  const { likePerson: _, ...others } = outcome
  return others
}

/** The person of a row as one text, for instance `externalId:4711`: the same for all rows that mean the same person. */
export function personKeyOf(person: RowPerson): string {
  switch (person.by) {
    case 'id':
      return `id:${person.id}`
    case 'externalId':
      return `externalId:${person.externalId}`
    case 'key':
      return `key:${person.key}`
  }
}

/** The inverse of `personKeyOf`. */
export function personOfKey(personKey: string): RowPerson {
  const [by, ...rest] = personKey.split(':')
  const value = rest.join(':')
  if (by === 'id') return { by, id: value as PersonId }
  return by === 'externalId' ? { by, externalId: value } : { by: 'key', key: value }
}
