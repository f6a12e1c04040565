import { aPicture } from '@semblance/testkit'
import { definitionOf, elementOf, isMarked, type Schema, shapesOf } from '../endpoint/schema-parts.ts'
import { PICTURE_MARK } from '../fields/picture-content.ts'

const PICTURE = Buffer.from(aPicture()).toString('base64')

/** One field of a request's schema: names and list positions from the outside in. */
export interface SchemaField {
  readonly path: readonly string[]
  readonly schema: Schema
}

/** Every field that a schema knows, at any depth. Lists are entered at their first item. */
export function fieldsOf(schema: Schema, path: readonly string[] = []): readonly SchemaField[] {
  const element = elementOf(schema)
  const items = element === null ? [] : [{ path: [...path, '0'], schema: element }]
  const named = shapesOf(schema).flatMap((shape) =>
    Object.entries(shape).map(([name, field]) => ({ path: [...path, name], schema: field })),
  )
  return [...items, ...named].flatMap((field) => [field, ...fieldsOf(field.schema, field.path)])
}

/**
 * The least value that the schema takes, with `value` at the path. What is on the way is filled in as it must be, with
 * a picture of the fake engine where one has to be.
 */
export function valueWith(schema: Schema, path: readonly string[], value: unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined) return value
  const element = elementOf(schema)
  if (element !== null && /^\d+$/.test(step)) {
    const items = definitionOf(schema).items ?? [element]
    return items.map((item, at) => (at === 0 ? valueWith(element, rest, value) : sampleOf(item)))
  }
  const shape = shapesOf(schema).find((one) => Object.hasOwn(one, step))
  const field = shape?.[step]
  if (shape === undefined || field === undefined) throw new Error(`no field ${path.join('.')}`)
  return { ...sampleOfShape(shape), [step]: valueWith(field, rest, value) }
}

function sampleOfShape(shape: Readonly<Record<string, Schema>>): object {
  const required = Object.entries(shape).filter(([, field]) => !takesNothing(field))
  return Object.fromEntries(required.map(([name, field]) => [name, sampleOf(field)]))
}

function takesNothing(schema: Schema): boolean {
  const { type } = schema._zod.def
  return type === 'optional' || type === 'default' || type === 'nullable'
}

function sampleOf(schema: Schema): unknown {
  if (isMarked(schema, PICTURE_MARK)) return PICTURE
  const { type, items, options = [], shape = {}, values, entries = {} } = definitionOf(schema)
  switch (type) {
    case 'string':
      return 'https://example.org'
    case 'enum':
      return Object.values(entries)[0]
    case 'literal':
      return values?.[0]
    case 'number':
      return 1
    case 'boolean':
      return true
    case 'array':
      return []
    case 'tuple':
      return items?.map(sampleOf)
    case 'object':
      return sampleOfShape(shape)
    case 'union':
      return options[0] === undefined ? null : sampleOf(options[0])
    default:
      return {}
  }
}
