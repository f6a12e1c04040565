import fc from 'fast-check'

/** What we use of JSON Schema 2020-12, as OpenAPI 3.1 has it. */
export interface JsonSchema {
  readonly $ref?: string
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly prefixItems?: readonly JsonSchema[]
  readonly minimum?: number
  readonly maximum?: number
  readonly format?: string
  readonly example?: unknown
}

/** Where the values come from that a schema cannot tell. */
export interface Sources {
  readonly resolve: (ref: string) => JsonSchema
  readonly ids: () => readonly string[]
  /** Base64 of pictures, good and bad. */
  readonly pictures: readonly string[]
  /** None that leads out of this machine. */
  readonly links: readonly string[]
}

/** Values that no schema foresees. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0,
    1.5,
    1e308,
    2 ** 53,
    -0,
    '',
    ' ',
    '\0',
    '\ud800',
    '__proto__',
    "' OR 1=1 --",
    '{"$gt":""}',
    '../../etc/passwd',
    'x'.repeat(3_000),
    'ﷺ'.repeat(500),
    [],
    {},
    [[[[[[]]]]]],
    { $ne: null },
    JSON.parse('{"__proto__":{"admin":true}}'),
  ),
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: 'binary' }),
)

/** Mostly what the schema asks for; now and then, at any depth, something else, too much or too little. */
export function anyValue(schema: JsonSchema, sources: Sources): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 14, arbitrary: fittingValue(schema, sources) },
    { weight: 1, arbitrary: hostileValue },
  )
}

function fittingValue(schema: JsonSchema, sources: Sources): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) return fittingValue(sources.resolve(schema.$ref), sources)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) return fc.oneof(...choices.map((choice) => anyValue(choice, sources)))
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  const types = [schema.type ?? 'object'].flat()
  return fc.oneof(...types.map((type) => typedValue(type, schema, sources)))
}

function typedValue(type: string, schema: JsonSchema, sources: Sources): fc.Arbitrary<unknown> {
  const { minimum: min = -10, maximum: max = 100_000 } = schema
  switch (type) {
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'integer':
      return fc.integer({ min: Math.ceil(min), max: Math.max(Math.ceil(min), Math.min(max, 5_000)) })
    case 'number':
      return fc.double({ min, max: Math.max(min, max), noNaN: true })
    case 'string':
      return textOf(schema, sources)
    case 'array':
      return listOf(schema, sources)
    default:
      return objectOf(schema, sources)
  }
}

function textOf({ format, example }: JsonSchema, sources: Sources): fc.Arbitrary<unknown> {
  const { pictures, ids, links } = sources
  if (format === 'byte') return fc.constantFrom(...pictures)
  if (format === 'uuid') return fc.oneof(fc.constantFrom(...ids()), fc.uuid())
  if (/^https?:/.test(String(example))) return fc.constantFrom(...links)
  return fc.oneof(fc.constant(example ?? 'text'), fc.string(), fc.string({ unit: 'grapheme' }))
}

function listOf({ items, prefixItems }: JsonSchema, sources: Sources): fc.Arbitrary<unknown> {
  if (prefixItems !== undefined) return fc.tuple(...prefixItems.map((item) => anyValue(item, sources)))
  return fc.array(items === undefined ? hostileValue : anyValue(items, sources), { maxLength: 5 })
}

function objectOf({ properties, required = [] }: JsonSchema, sources: Sources): fc.Arbitrary<unknown> {
  if (properties === undefined)
    return fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 })
  const fields = Object.entries(properties).map(([name, schema]) => {
    const value = anyValue(schema, sources)
    const weight = required.includes(name) ? 20 : 1
    const present = value.map((given) => [[name, given]])
    return fc.oneof({ weight, arbitrary: present }, { weight: 1, arbitrary: fc.constant([]) })
  })
  const extra = fc.oneof(
    { weight: 5, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.tuple(fc.string(), hostileValue).map((entry) => [entry]) },
  )
  return fc
    .tuple(...fields, extra)
    .map((entries) => Object.fromEntries(entries.flat() as [string, unknown][]))
}

export interface Operation {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, JsonSchema>>
  readonly body: JsonSchema | null
  readonly takesBody: boolean
  readonly takesForms: boolean
}

interface OpenApiOperation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: JsonSchema }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>> }
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>
}

export function operationsOf({ paths }: OpenApi): readonly Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => {
      const queries = parameters.filter((parameter) => parameter.in === 'query')
      return {
        method: method.toUpperCase(),
        path,
        query: Object.fromEntries(queries.map(({ name, schema }) => [name, schema])),
        body: requestBody?.content['application/json']?.schema ?? null,
        takesBody: requestBody !== undefined,
        takesForms: requestBody?.content['multipart/form-data'] !== undefined,
      }
    }),
  )
}

export function resolveIn(document: object): (ref: string) => JsonSchema {
  const step = (node: object, key: string) => (node as Record<string, object>)[key] ?? {}
  return (ref) => ref.slice(2).split('/').reduce(step, document)
}
