import { definitionOf, elementOf, type Schema, shapesOf } from '../endpoint/schema-parts.ts'
import { readJson, readMetadataJson } from '../fields/read-json.ts'
import { RepeatedKey } from '../fields/repeated-key.ts'
import { findShapeProblem } from '../json-body/json-body-reader.ts'

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
const FLAGS: Readonly<Record<string, boolean>> = { true: true, '1': true, on: true, false: false, '0': false }

/**
 * The JSON value that form texts of one name stand for, as the field's schema has it: several texts are a list; lists and
 * objects may also come as JSON, and an empty text is null where no text is wanted. What cannot be read stays a text, for
 * the schema to refuse. Throws `RepeatedKey` for metadata that would not be kept whole. Undefined if there are several texts and the field takes no list.
 */
export function fieldValue(schema: Schema | null, texts: readonly string[]): unknown {
  const [text = ''] = texts
  const element = schema === null ? null : elementOf(schema)
  if (element !== null) {
    if (texts.length > 1 || !/^\s*(\[|$)/.test(text)) return texts.map((each) => fieldValue(element, [each]))
    return text.trim() === '' ? [] : jsonOr(text)
  }
  if (texts.length > 1) return schema === null ? texts : undefined
  return schema === null ? text : scalar(schema, text)
}

function scalar(schema: Schema, text: string): unknown {
  const { type, values, options } = definitionOf(schema)
  switch (type) {
    case 'string':
    case 'enum':
      return text
    case 'number':
      return numberOr(text)
    case 'boolean':
      return text === '' ? null : (FLAGS[text.toLowerCase()] ?? text)
    case 'literal':
      return values?.includes(Number(text)) && text !== '' ? Number(text) : text
    case 'union':
      // A text where one will do; an object or a list where it looks like one.
      return looksLikeJson(schema, text) ? jsonOr(text) : firstReading(options, text)
    case 'unknown':
      return text === '' ? null : jsonOr(text, readMetadataJson)
    default:
      return text === '' ? null : jsonOr(text)
  }
}

function looksLikeJson(schema: Schema, text: string): boolean {
  if (text.startsWith('{')) return shapesOf(schema).length > 0
  const { options = [] } = definitionOf(schema)
  return text.startsWith('[') && options.some((option) => elementOf(option) !== null)
}

function firstReading(options: readonly Schema[] = [], text: string): unknown {
  const takesText = options.some((option) => definitionOf(option).type === 'string')
  const [first] = options
  return takesText || first === undefined ? text : scalar(first, text)
}

function numberOr(text: string): unknown {
  if (text === '') return null
  return NUMBER.test(text) ? Number(text) : text
}

function jsonOr(text: string, read: (json: string) => unknown = readJson): unknown {
  try {
    return findShapeProblem(Buffer.from(text)) === null ? read(text) : text
  } catch (error) {
    if (error instanceof RepeatedKey) throw error
    return text
  }
}
