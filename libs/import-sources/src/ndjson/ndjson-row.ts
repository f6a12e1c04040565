import { isExportLine } from '../export/export-line.ts'
import { type FieldName, fieldNamed, PERSON_FIELDS } from '../fields/field-names.ts'
import { InvalidField } from '../fields/invalid-field.ts'
import { isJsonObject, jsonText, parseJson } from '../fields/json-text.ts'
import {
  makeRow,
  type ProblemPlace,
  personIn,
  problemAt,
  type RowFields,
  type RowPlace,
} from '../fields/make-row.ts'
import type { SourceItem, SourcePerson, SourcePicture } from '../source-row.ts'
import { readBase64Picture } from './base64-picture.ts'
import { cutLongest } from './cut-longest.ts'

export interface NdjsonBounds {
  readonly rowBytes: number
  readonly pictureBytes: number
}

/** One object, by what its fields mean. */
export interface NdjsonObject {
  readonly given: ReadonlyMap<FieldName, unknown>
  /** Names of fields that mean nothing here. */
  readonly unknown: readonly string[]
  /** It is a line of an export, and no row. */
  readonly isExported: boolean
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Null for a blank line. Throws `InvalidField`. */
export function readNdjsonObject(line: Buffer, { rowBytes }: NdjsonBounds): NdjsonObject | null {
  if (line.length <= rowBytes) return objectOf(line)
  const cut = cutLongest(line, rowBytes)
  const object = cut === null ? null : objectOf(cut.rest)
  if (object === null || cut === null || object.given.get('picture') !== '') {
    throw new InvalidField('line', `has more than ${rowBytes} bytes beside its picture`)
  }
  const text = cut.longest?.toString('latin1') ?? ''
  const picture = text.includes('\\') ? parseJson('picture', `"${text}"`) : text
  return { ...object, given: new Map([...object.given, ['picture', picture]]) }
}

function objectOf(line: Buffer): NdjsonObject | null {
  const text = decoded(line)
  if (text.trim() === '') return null
  const value = parseJson('line', text)
  if (!isJsonObject(value)) throw new InvalidField('line', 'is no JSON object')
  const named = namedFields(value)
  const isRow = ROW_FIELDS.some((field) => named.given.has(field))
  return { ...named, isExported: !isRow && isExportLine(value) }
}

/** Of a manifest alone, whatever else stands beside them. */
const ROW_FIELDS: readonly FieldName[] = ['key', 'picture', 'link', 'file', 'restore', 'sourceProblem']

function namedFields(object: object): Pick<NdjsonObject, 'given' | 'unknown'> {
  const given = new Map<FieldName, unknown>()
  const unknown: string[] = []
  for (const [name, value] of Object.entries(object)) {
    const field = fieldNamed(name)
    if (field === null) unknown.push(name)
    else if (given.has(field)) throw new InvalidField(field, 'is given twice')
    else if (value !== null) given.set(field, value)
    if (field === 'externalId' && isJsonObject(value)) unknown.push(...unreadOfPerson(name, value))
  }
  return { given, unknown }
}

const READ_OF_PERSON: ReadonlySet<FieldName | null> = new Set([...PERSON_FIELDS, 'key'])

/** As `person.name`: it would be easy to take for the person's name, which stands beside `person`. */
function unreadOfPerson(name: string, person: object): readonly string[] {
  const unread = Object.keys(person).filter((inner) => !READ_OF_PERSON.has(fieldNamed(inner)))
  return unread.map((inner) => `${name}.${inner}`)
}

function decoded(line: Buffer): string {
  try {
    return utf8.decode(line)
  } catch {
    throw new InvalidField('line', 'is not UTF-8')
  }
}

/** Throws `InvalidField`. */
export function readNdjsonRow(
  given: NdjsonObject['given'],
  place: RowPlace,
  { pictureBytes }: NdjsonBounds,
): SourceItem {
  const problem = given.get('sourceProblem')
  if (problem !== undefined)
    return problemOf(problem, { ...place, key: textOf(given, 'key'), person: personNamedBy(given) })
  const fields: RowFields = {
    key: textOf(given, 'key'),
    ...personOf(given),
    name: textOf(given, 'name'),
    metadata: metadataOf(given.get('metadata')),
    groups: groupsOf(given.get('groups')),
    expireAt: textOf(given, 'expireAt'),
    picture: pictureOf(given, pictureBytes),
    restore: restoreOf(given.get('restore')),
  }
  return makeRow(fields, place)
}

/** Longest text of what a sender says is wrong. */
const MAX_PROBLEM_LENGTH = 500

/** A row that its sender could not make, such as one whose file is missing: it comes for the report alone. */
function problemOf(problem: unknown, place: ProblemPlace): SourceItem {
  const { field, message } = (isJsonObject(problem) ? problem : {}) as Readonly<Record<string, unknown>>
  const isText = (value: unknown) => typeof value === 'string' && value !== ''
  if (!isText(field) || !isText(message))
    throw new InvalidField('sourceProblem', 'must have field and message')
  const [named, told] = [field, message].map((value) => String(value).slice(0, MAX_PROBLEM_LENGTH))
  return problemAt(place, named ?? 'row', told ?? '')
}

function textOf(given: NdjsonObject['given'], field: FieldName): string | undefined {
  const value = given.get(field)
  if (value === undefined || value === '') return undefined
  if (typeof value !== 'string') throw new InvalidField(field, 'must be a string')
  return value
}

/** `person` may be an object of its own, with one of `id`, `externalId`, `key`. */
function personOf(given: NdjsonObject['given']): Pick<RowFields, 'id' | 'externalId' | 'personKey'> {
  const person = given.get('externalId')
  if (!isJsonObject(person)) return idsOf(given)
  if (given.has('id') || given.has('personKey')) throw new InvalidField('person', 'is given twice')
  const inner = namedFields(person).given
  const { id, externalId, personKey } = idsOf(inner)
  const key = personKey ?? textOf(inner, 'key')
  // Else the row would make somebody of its own, and again at each import.
  const namesNobody = id === undefined && externalId === undefined && key === undefined
  if (namesNobody && unreadOfPerson('person', person).length > 0)
    throw new InvalidField('person', 'has none of externalId, id and key')
  return { id, externalId, personKey: key }
}

/** Of a line that is wrong; undefined where it does not say that, or not rightly. */
export function personNamedBy(given: NdjsonObject['given']): SourcePerson | undefined {
  try {
    return personIn(personOf(given))
  } catch (error) {
    if (error instanceof InvalidField) return undefined
    throw error
  }
}

function idsOf(given: NdjsonObject['given']): Pick<RowFields, 'id' | 'externalId' | 'personKey'> {
  return {
    id: textOf(given, 'id'),
    externalId: textOf(given, 'externalId'),
    personKey: textOf(given, 'personKey'),
  }
}

function metadataOf(value: unknown): string | undefined {
  if (value === undefined) return undefined
  if (isJsonObject(value)) return jsonText('metadata', value)
  throw new InvalidField('metadata', 'must be a JSON object')
}

function restoreOf(value: unknown): object | undefined {
  if (value === undefined || isJsonObject(value)) return value
  throw new InvalidField('restore', 'must be a JSON object')
}

function groupsOf(value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined
  if (Array.isArray(value) && value.every((group) => typeof group === 'string')) return value
  throw new InvalidField('groups', 'must be a list of strings')
}

function pictureOf(given: NdjsonObject['given'], maxBytes: number): SourcePicture | undefined {
  // Else the person would be made without the picture that the sender believes to have sent.
  if (given.get('picture') === '') throw new InvalidField('picture', 'is empty')
  const [picture, link, file] = [textOf(given, 'picture'), textOf(given, 'link'), textOf(given, 'file')]
  const ways = [picture, link, file].filter((way) => way !== undefined)
  if (ways.length > 1) throw new InvalidField('picture', 'is given twice: as picture, imageUrl or file')
  if (link !== undefined) return { link }
  if (file !== undefined) return { file }
  return picture === undefined ? undefined : { bytes: readBase64Picture('picture', picture, maxBytes) }
}
