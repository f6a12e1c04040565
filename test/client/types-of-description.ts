/** The parts of an OpenAPI 3.1 document and of its JSON schemas that ours use. */
interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly items?: Schema | false
  readonly prefixItems?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: Schema | boolean
  readonly description?: string
}

interface Parameter {
  readonly in: 'query' | 'path' | 'header' | 'cookie'
  readonly name: string
  readonly required?: boolean
  readonly schema: Schema
}

type Content = Readonly<Record<string, { readonly schema?: Schema }>>

interface Operation {
  readonly summary?: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly required?: boolean; readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>
}

export interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> }
}

const HEAD = `// Made from /openapi.json by "npm run client". A test compares it with what the server describes; do not edit it.
`

/** The client sets these by itself, or the caller by the options of a request. */
const LEFT_TO_THE_CLIENT = ['X-RequestID']

/**
 * TypeScript of a description: `components` with every schema, and `paths` in the shape that openapi-fetch reads.
 *
 * A generator of our own, because those of npm run on the compiler's old programming interface, which TypeScript 7 has not.
 */
export function typesOfDescription(description: Description): string {
  const schemas = Object.entries(description.components?.schemas ?? {})
  const components = schemas.map(([name, schema]) => `${note(schema)}${key(name)}: ${typeOf(schema)}`)
  const paths = Object.entries(description.paths).map(
    ([path, operations]) =>
      `${key(path)}: {\n${Object.entries(operations)
        .map(([method, operation]) => `${comment(operation.summary)}${method}: ${operationType(operation)}`)
        .join('\n')}\n}`,
  )
  return `${HEAD}
export interface components {
schemas: {
${components.join('\n')}
}
}

export interface paths {
${paths.join('\n')}
}
`
}

function operationType({ parameters = [], requestBody, responses }: Operation): string {
  const answers = Object.entries(responses).map(
    ([status, { content }]) =>
      `${status}: { headers: { [name: string]: unknown }; ${answerContent(content)} }`,
  )
  const body =
    requestBody === undefined
      ? 'requestBody?: never'
      : `requestBody${requestBody.required ? '' : '?'}: { content: ${contentType(requestBody.content)} }`
  return `{
parameters: { ${['query', 'path', 'header'].map((place) => parametersType(place, parameters)).join('; ')} }
${body}
responses: {\n${answers.join('\n')}\n}
}`
}

function parametersType(place: string, all: readonly Parameter[]): string {
  const here = all.filter((one) => one.in === place && !LEFT_TO_THE_CLIENT.includes(one.name))
  if (here.length === 0) return `${place}?: never`
  const isNeeded = here.some(({ required }) => required)
  const fields = here.map(
    ({ name, required, schema }) => `${key(name)}${required ? '' : '?'}: ${typeOf(schema)}`,
  )
  return `${place}${isNeeded ? '' : '?'}: { ${fields.join('; ')} }`
}

function answerContent(content: Content | undefined): string {
  return content === undefined ? 'content?: never' : `content: ${contentType(content)}`
}

function contentType(content: Content): string {
  const kinds = Object.entries(content).map(([kind, { schema }]) => `${key(kind)}: ${typeOf(schema ?? {})}`)
  return `{ ${kinds.join('; ')} }`
}

function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return refType(schema.$ref)
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  const either = schema.anyOf ?? schema.oneOf
  if (either !== undefined) return [...new Set(either.map((one) => braced(typeOf(one))))].join(' | ')
  if (schema.allOf !== undefined) return schema.allOf.map((one) => braced(typeOf(one))).join(' & ')
  if (Array.isArray(schema.type)) {
    return schema.type.map((type: string) => braced(typeOf({ ...schema, type }))).join(' | ')
  }
  return plainType(schema)
}

function plainType(schema: Schema): string {
  switch (schema.type) {
    case 'object':
      return objectType(schema)
    case 'array':
      return arrayType(schema)
    case 'integer':
    case 'number':
      return 'number'
    case 'string':
    case 'boolean':
    case 'null':
      return schema.type
    default:
      return 'unknown'
  }
}

function objectType({ properties = {}, required = [], additionalProperties }: Schema): string {
  const fields = Object.entries(properties).map(
    ([name, schema]) => `${note(schema)}${key(name)}${required.includes(name) ? '' : '?'}: ${typeOf(schema)}`,
  )
  const others = typeof additionalProperties === 'object' ? typeOf(additionalProperties) : 'unknown'
  if (fields.length === 0) return `{ [key: string]: ${others} }`
  return `{\n${fields.join('\n')}\n}`
}

function arrayType({ items, prefixItems }: Schema): string {
  if (prefixItems !== undefined) return `[${prefixItems.map(typeOf).join(', ')}]`
  return `${braced(typeOf(items === undefined || items === false ? {} : items))}[]`
}

function refType(ref: string): string {
  const name = ref.split('/').at(-1) ?? ''
  return `components['schemas'][${JSON.stringify(name)}]`
}

function braced(type: string): string {
  return type.includes(' | ') && !type.startsWith('{') ? `(${type})` : type
}

function note({ description }: Schema): string {
  return comment(description)
}

function comment(text: string | undefined): string {
  return text === undefined ? '' : `/** ${text.replaceAll('*/', '* /')} */\n`
}

function key(name: string): string {
  return /^[a-zA-Z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)
}
