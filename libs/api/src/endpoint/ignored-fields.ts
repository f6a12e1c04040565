import type { Endpoint } from './endpoint.ts'
import type { Reply } from './reply.ts'
import { elementOf, isMarked, type Schema, shapesOf } from './schema-parts.ts'

export const NO_EFFECT_MARK = 'x-no-effect'
/** A mark in a field's `meta`: the contract knows the field, and nothing comes of it here. */
export const NO_EFFECT = { 'x-no-effect': true } as const satisfies Record<typeof NO_EFFECT_MARK, true>

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
  readonly schema: Schema | null
  readonly value: unknown
  /** The path of the value, ready for a name to be put behind it. */
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
    if (field === undefined || (isMarked(field, NO_EFFECT_MARK) && inner !== null)) found.add(full)
    else collect({ schema: field, value: inner, path: `${full}.` }, found)
  }
}

/** Fit for a header, whatever the name holds. */
function printable(name: string): string {
  const short = name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH)}...` : name
  return short.replace(/[^\w$.:@-]/g, '_') || '_'
}
