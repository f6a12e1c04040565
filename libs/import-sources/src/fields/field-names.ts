/** What a column of a CSV or a field of an NDJSON object can mean. */
export type FieldName =
  | 'key'
  | 'id'
  | 'externalId'
  | 'personKey'
  | 'name'
  | 'metadata'
  | 'groups'
  | 'expireAt'
  | 'picture'
  /** Of NDJSON only: what an export says of the records that the row brings back. */
  | 'restore'
  /** Of NDJSON only: what is wrong with a row, as its sender has seen. */
  | 'sourceProblem'
  | 'link'
  | 'file'

/** Those of which each says whom a row is about. */
export const PERSON_FIELDS: readonly FieldName[] = ['id', 'externalId', 'personKey']

/** Without case, spaces, `_` and `-`. */
const BY_SPELLING: Readonly<Record<string, FieldName>> = {
  key: 'key',
  id: 'id',
  personid: 'id',
  externalid: 'externalId',
  person: 'externalId',
  personkey: 'personKey',
  name: 'name',
  metadata: 'metadata',
  group: 'groups',
  groups: 'groups',
  expireat: 'expireAt',
  picture: 'picture',
  restore: 'restore',
  sourceproblem: 'sourceProblem',
  url: 'link',
  imageurl: 'link',
  file: 'file',
}

/** `External ID`, `external_id` and `externalId` are one; null for a name that means nothing here. */
export function fieldNamed(spelling: string): FieldName | null {
  const plain = spelling.toLowerCase().replace(/[\s_-]/g, '')
  return Object.hasOwn(BY_SPELLING, plain) ? (BY_SPELLING[plain] ?? null) : null
}

const MAX_NAMES = 10
const MAX_NAME_LENGTH = 40

/** Names of a source's own fields for a message: the first ten, each cut short. */
export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMES).map((name) => JSON.stringify(name.slice(0, MAX_NAME_LENGTH)))
  const more = names.length - shown.length
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ')
}
