import { createHash } from 'node:crypto'
import {
  type GroupId,
  type IncomingRow,
  keyOfGroupRow,
  MAX_ROW_KEY_LENGTH,
  namesUser,
  type PersonId,
  ROW_KEY_DIGITS,
  type RowPerson,
  type RowRestore,
} from '@semblance/core'
import type { SourceProblem, SourceRow } from '@semblance/import-sources'
import { z } from 'zod'
import { explainIssue } from '../fields/explain-issue.ts'
import { idField } from '../fields/id-field.ts'
import { imageUrlField } from '../fields/image-field.ts'
import { metadataField } from '../fields/metadata-field.ts'
import { parseTime } from '../fields/parse-time.ts'
import { readMetadataJson } from '../fields/read-json.ts'
import { textField } from '../fields/text-field.ts'
import { restoreField } from './restore-field.ts'

const MAX_GROUPS = 1000

const text = textField({ minLength: 1 })

const rowFields = z.object({
  key: z.string().min(1).max(MAX_ROW_KEY_LENGTH),
  person: z.discriminatedUnion('by', [
    z.object({ by: z.literal('id'), id: idField<PersonId>('Person id.') }),
    z.object({ by: z.literal('externalId'), externalId: text }),
    z.object({ by: z.literal('key'), key: text }),
  ]),
  name: text.optional(),
  groups: z.array(idField<GroupId>('Group id.')).max(MAX_GROUPS).optional(),
  imageUrl: imageUrlField.refine((link) => link == null || !namesUser(link), {
    message: 'must have no user and no password',
  }),
  restore: restoreField.optional(),
})

/** A row as the import takes it. One that is wrong comes with that as its outcome, so that the report has it. */
export function incomingRowOf(given: SourceRow | SourceProblem, nowMs: number): IncomingRow {
  const row = isKeyMade(given) ? withKeyOfContents(given) : given
  const key = row.key.slice(0, MAX_ROW_KEY_LENGTH)
  const person = personOf(row.person) ?? { by: 'key', key }
  const wrong = (field: string, why: string) =>
    wrongRow({ key, person, contents: contentsOf(given) }, field, why)
  if (row.kind === 'problem') return wrong(row.field, row.message)
  const { picture } = row
  if (picture !== undefined && 'file' in picture)
    return wrong('file', 'names a file, and none came with the row: send an archive')
  const link = picture !== undefined && 'link' in picture ? picture.link : undefined
  const parsed = rowFields.safeParse({ ...row, imageUrl: link }, { error: explainIssue })
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return wrong(issue?.path.join('.') ?? 'row', issue?.message ?? 'is wrong')
  }
  const { name, groups, restore } = parsed.data
  const why = restore === undefined ? null : faultOfRestore(row, restore)
  if (why !== null) return wrong('restore', why)
  const expireAt = row.expireAt === undefined ? undefined : parseTime(row.expireAt)
  if (expireAt === null || (expireAt !== undefined && expireAt <= nowMs))
    return wrong('expireAt', 'must be an ISO-8601 date and time in the future')
  const metadata =
    row.metadata === undefined
      ? null
      : metadataField.safeParse(readMetadataJson(row.metadata), { error: explainIssue })
  if (metadata?.success === false) return wrong('metadata', metadata.error.issues[0]?.message ?? 'is wrong')
  return {
    key: row.key,
    person,
    ...(name === undefined ? {} : { name }),
    ...(metadata === null ? {} : { metadata: metadata.data }),
    ...(groups === undefined ? {} : { groups }),
    ...(expireAt === undefined ? {} : { expireAt }),
    ...(restore === undefined ? {} : { restore }),
    picture: link === undefined ? bytesOf(picture) : { url: link },
  }
}

/** The import may trust descriptors, but not those of everybody. */
export function withoutDescriptor(row: IncomingRow): IncomingRow {
  const image = row.restore?.image
  return image === undefined
    ? row
    : { ...row, restore: { ...row.restore, image: { ...image, descriptor: null } } }
}

/** What of a row does not go together with what it brings back; null if all does. */
function faultOfRestore({ key, person, picture }: SourceRow, restore: RowRestore): string | null {
  const { group, image } = restore
  if (group !== undefined) {
    if (restore.person !== undefined || image !== undefined || picture !== undefined)
      return 'brings back a group, and something else'
    return key === keyOfGroupRow(group.id) ? null : `of a group must have the key ${keyOfGroupRow(group.id)}`
  }
  if (person.by !== 'id') return 'must come with the id of its person'
  if (restore.person === undefined) return 'must tell of the person'
  return image !== undefined && picture === undefined ? 'tells of a picture that did not come' : null
}

function bytesOf(picture: SourceRow['picture']): IncomingRow['picture'] {
  return picture !== undefined && 'bytes' in picture ? { bytes: picture.bytes } : null
}

/** Null if nobody is named as it must be. */
function personOf(given: SourceRow['person'] | undefined): RowPerson | null {
  const parsed = rowFields.shape.person.safeParse(given)
  return parsed.success ? (parsed.data as RowPerson) : null
}

/** It keeps its person, with whom what is left of it goes: its key may be a name. */
function wrongRow(
  row: Required<Pick<IncomingRow, 'key' | 'person' | 'contents'>>,
  field: string,
  why: string,
): IncomingRow {
  return { ...row, picture: null, outcome: { kind: 'invalid', field, why } }
}

/** Of what a row said, wherever it stood; nothing but this tells it from another one that is wrong for the same reason. */
function contentsOf(given: SourceRow | SourceProblem): string {
  const { position: _, contents, ...rest } = { contents: undefined, ...given }
  if (contents !== undefined) return contents
  const { picture, ...fields } = { picture: undefined, ...rest }
  const digest = createHash('sha256').update(JSON.stringify(fields))
  if (picture !== undefined && 'bytes' in picture) digest.update(picture.bytes)
  else digest.update(JSON.stringify(picture ?? null))
  return digest.digest('hex')
}

/** A row that names no key has one from its place in what was sent, and the next upload has that place, too. */
function isKeyMade({ key, position }: SourceRow | SourceProblem): boolean {
  return ['row', 'line', 'entry'].some((unit) => key === `${unit}-${position}`)
}

/** The same row sent again has the same key, and another one at its place another. */
function withKeyOfContents<Row extends SourceRow | SourceProblem>(row: Row): Row {
  const { picture, ...fields } = { picture: undefined, ...row }
  const digest = createHash('sha256').update(JSON.stringify(fields))
  if (picture !== undefined && 'bytes' in picture) digest.update(picture.bytes)
  else digest.update(JSON.stringify(picture ?? null))
  const key = `${row.key}-${digest.digest('hex').slice(0, ROW_KEY_DIGITS)}`
  const isOwnPerson = row.person?.by === 'key' && row.person.key === row.key
  return { ...row, key, ...(isOwnPerson ? { person: { by: 'key', key } } : {}) }
}
