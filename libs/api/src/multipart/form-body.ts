import { isUtf8 } from 'node:buffer'
import { elementOf, fieldOf, isMarked, type Schema, shapesOf } from '../endpoint/schema-parts.ts'
import { PICTURE_MARK } from '../fields/picture-content.ts'
import { readJson } from '../fields/read-json.ts'
import { RepeatedKey } from '../fields/repeated-key.ts'
import { findShapeProblem } from '../json-body/json-body-reader.ts'
import { fieldValue } from './field-value.ts'
import { type Path, pathOf, placeAt, schemaAt } from './form-path.ts'
import type { FormPart } from './form-reader.ts'

/** A part of this name holds the whole body as JSON; the other parts are put into it. */
export const REQUEST_PART = 'request'
/** The limit is ours. It is for all plain fields together, since they are parsed at once. Pictures come as files. */
const MAX_TEXT_BYTES = 1_000_000

/** What JSON would have brought; pictures are `Uint8Array`s in place of their Base64. */
export type FormBody =
  | { readonly outcome: 'read'; readonly body: unknown }
  | { readonly outcome: 'malformed'; readonly problem: string }

interface Field {
  readonly path: Path
  readonly texts: string[]
  readonly pictures: Uint8Array[]
}

/**
 * Puts the parts of a form where the endpoint's own schema wants them. A file goes to the field of its name, or to the
 * picture inside that; several files of one name to the items of a list, in order. Whether a value is right is left to
 * the schema, and so is a name that it does not know.
 */
export function bodyOfForm(schema: Schema, parts: readonly FormPart[]): FormBody {
  try {
    const body = requestOf(parts.filter(({ name }) => name === REQUEST_PART))
    for (const field of fieldsOf(schema, parts)) put(body, schema, field)
    return { outcome: 'read', body }
  } catch (error) {
    if (error instanceof MalformedForm) return { outcome: 'malformed', problem: error.message }
    throw error
  }
}

class MalformedForm extends Error {}

function requestOf(parts: readonly FormPart[]): object {
  const [part, another] = parts
  if (part === undefined) return {}
  if (another !== undefined) throw new MalformedForm(`has two parts named ${REQUEST_PART}`)
  const text = textOf(part)
  const shape = findShapeProblem(Buffer.from(part.bytes.buffer, part.bytes.byteOffset, part.bytes.byteLength))
  if (shape !== null) throw new MalformedForm(`has a part ${REQUEST_PART} that ${shape}`)
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MalformedForm(`has a part ${REQUEST_PART} that is not a JSON object`)
  return value
}

function parseJson(text: string): unknown {
  try {
    return readJson(text)
  } catch (error) {
    if (error instanceof RepeatedKey) throw new MalformedForm(error.message)
    return undefined
  }
}

/** The parts by name, in the order of their first. */
function fieldsOf(schema: Schema, parts: readonly FormPart[]): Iterable<Field> {
  const fields = new Map<string, Field>()
  let textBytes = 0
  for (const part of parts) {
    const { name, filename, bytes } = part
    if (name === REQUEST_PART) continue
    const path = pathOf(name)
    const key = path.join('\n')
    const field = fields.get(key) ?? { path, texts: [], pictures: [] }
    fields.set(key, field)
    const place = schemaAt(schema, path)
    if (isPicture(part, place)) {
      // Browsers send a file input that nobody filled as an empty file without a name.
      if (filename || bytes.byteLength > 0) field.pictures.push(bytes)
    } else if (place === null && filename !== undefined) field.texts.push('')
    else {
      textBytes += bytes.byteLength
      field.texts.push(textOf(part, textBytes))
    }
  }
  return fields.values()
}

function isPicture({ filename, contentType }: FormPart, place: Schema | null): boolean {
  const isFile = filename !== undefined || !/^(text\/|application\/json)/.test(contentType)
  return isFile && place !== null && pictureIn(elementOf(place) ?? place) !== null
}

/** The name of the picture inside a field, empty if the field is one; null if it takes none. */
export function pictureIn(schema: Schema): string | null {
  if (isMarked(schema, PICTURE_MARK)) return ''
  for (const shape of shapesOf(schema))
    for (const [name, field] of Object.entries(shape)) if (isMarked(field, PICTURE_MARK)) return name
  return null
}

/** @param totalBytes of this part and the texts before it */
function textOf({ name, bytes }: FormPart, totalBytes = bytes.byteLength): string {
  if (totalBytes > MAX_TEXT_BYTES)
    throw new MalformedForm(`has more than ${MAX_TEXT_BYTES} bytes in its plain fields`)
  if (!isUtf8(bytes)) throw new MalformedForm(`has a field that is not UTF-8: ${quote(name)}`)
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

function put(body: object, schema: Schema, { path, texts, pictures }: Field): void {
  const place = schemaAt(schema, path)
  const element = place === null ? null : elementOf(place)
  const isMixed = texts.length > 0 && pictures.length > 0
  const value = texts.length > 0 ? readTexts(path, place, texts) : null
  if (isMixed || value === undefined || (element === null && pictures.length > 1))
    throw new MalformedForm(`has more than one ${quote(path.join('.'))}`)
  if (texts.length > 0) placeAt(body, path, value)
  const member = place === null ? null : pictureIn(element ?? place)
  const inside = member === null || member === '' ? [] : [member]
  for (const [index, picture] of pictures.entries()) {
    const item = element === null ? [] : [String(index)]
    placeAt(body, [...path, ...item, ...inside], picture)
  }
}

function readTexts(path: Path, place: Schema | null, texts: readonly string[]): unknown {
  try {
    return fieldValue(place, texts)
  } catch (error) {
    if (!(error instanceof RepeatedKey)) throw error
    throw new MalformedForm(new RepeatedKey([...path, ...error.path]).message)
  }
}

/** A name that a stranger chose, in an answer of ours. */
function quote(name: string): string {
  return JSON.stringify(name.slice(0, 64))
}

/** Whether a form could bring this body a picture. */
export function takesPictures(schema: Schema): boolean {
  return shapesOf(schema).some((shape) =>
    Object.keys(shape).some((name) => {
      const field = fieldOf(schema, name)
      return field !== null && pictureIn(elementOf(field) ?? field) !== null
    }),
  )
}
