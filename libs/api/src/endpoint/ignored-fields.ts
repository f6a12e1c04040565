import type { z } from 'zod'
import type { Endpoint } from './endpoint.ts'
import type { Reply } from './reply.ts'

/** In a field's `meta`: the contract knows it, and nothing comes of it here. */
export const NO_EFFECT = { 'x-no-effect': true } as const

const HEADER = 'X-Semblance-Ignored'
/** Names in one header; a body may have a million. */
const MAX_FIELDS = 20
const MAX_NAME_LENGTH = 64

/**
 * Fields of a request that nothing comes of, because no schema knows them or because they have no effect here; so that a
 * typo shows. `outputImageParams.backgroundColor`, `images.contentType`, `?withImagess`; at most twenty, then `...`.
 */
export function ignoredFields(
  { query, body }: Pick<Endpoint, 'query' | 'body'>,
  sent: { readonly query: unknown; readonly body: unknown },
): readonly string[] {
  const found = new Set<string>()
  collect({ schema: query ?? null, value: sent.query, path: '?' }, found)
  if (body !== undefined) collect({ schema: body, value: sent.body, path: '' }, found)
  const names = [...found]
  return names.length > MAX_FIELDS ? [...names.slice(0, MAX_FIELDS), '...'] : names
}

export function noteIgnored(reply: Reply, fields: readonly string[]): Reply {
  return fields.length === 0
    ? reply
    : { ...reply, headers: { ...reply.headers, [HEADER]: fields.join(', ') } }
}

interface Place {
  /** Null: nothing is known here. */
  readonly schema: z.core.$ZodType | null
  readonly value: unknown
  /** Of the value, ready for a name to be put behind it. */
  readonly path: string
}

function collect({ schema, value, path }: Place, found: Set<string>): void {
  if (typeof value !== 'object' || value === null || found.size > MAX_FIELDS) return
  const shapes = schema === null ? [{}] : shapesOf(schema)
  if (Array.isArray(value)) {
    const element = schema === null ? null : elementOf(schema)
    if (element !== null && shapesOf(element).length > 0)
      for (const item of value) collect({ schema: element, value: item, path }, found)
    return
  }
  if (shapes.length === 0) return
  for (const name in value) {
    if (!Object.hasOwn(value, name)) continue
    if (found.size > MAX_FIELDS) return
    const field = shapes.find((shape) => Object.hasOwn(shape, name))?.[name]
    const inner = (value as Readonly<Record<string, unknown>>)[name]
    const full = `${path}${printable(name)}`
    if (field === undefined || (hasNoEffect(field) && inner !== null)) found.add(full)
    else collect({ schema: field, value: inner, path: `${full}.` }, found)
  }
}

type Shape = Readonly<Record<string, z.core.$ZodType>>

/** Of the objects that a schema takes; none for one that takes anything, such as metadata. */
function shapesOf(schema: z.core.$ZodType): readonly Shape[] {
  const plain = unwrap(schema)
  const { type, shape, options } = definitionOf(plain)
  if (type === 'object' && shape !== undefined) return [shape]
  return type === 'union' ? (options ?? []).flatMap(shapesOf) : []
}

function elementOf(schema: z.core.$ZodType): z.core.$ZodType | null {
  const { type, element } = definitionOf(unwrap(schema))
  return type === 'array' && element !== undefined ? element : null
}

/** What optional, nullable, defaulted and transformed fields are made from. */
function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  const { innerType, in: input } = definitionOf(schema)
  const inner = innerType ?? input
  return inner === undefined ? schema : unwrap(inner)
}

/** The parts of zod's definitions that lead further in. */
interface Definition {
  readonly type: string
  readonly innerType?: z.core.$ZodType
  readonly in?: z.core.$ZodType
  readonly element?: z.core.$ZodType
  readonly shape?: Shape
  readonly options?: readonly z.core.$ZodType[]
}

function definitionOf(schema: z.core.$ZodType): Definition {
  return schema._zod.def as Definition
}

function hasNoEffect(schema: z.core.$ZodType): boolean {
  const { meta } = schema as { readonly meta?: () => Readonly<Record<string, unknown>> | undefined }
  return meta?.call(schema)?.['x-no-effect'] === true
}

/** Fit for a header, whatever the name holds. */
function printable(name: string): string {
  const short = name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH)}...` : name
  return short.replace(/[^\w$.:@-]/g, '_') || '_'
}
