import type { z } from 'zod'

export type Schema = z.core.$ZodType
export type Shape = Readonly<Record<string, Schema>>

/** The parts of zod's definitions that lead further in. */
interface Definition {
  readonly type: string
  readonly innerType?: Schema
  readonly in?: Schema
  readonly element?: Schema
  readonly items?: readonly Schema[]
  readonly shape?: Shape
  readonly options?: readonly Schema[]
  readonly values?: readonly unknown[]
  readonly entries?: Readonly<Record<string, unknown>>
}

/** The definition of what optional, nullable, defaulted and transformed fields are made from. */
export function definitionOf(schema: Schema): Definition {
  return plain(unwrap(schema))
}

/** The shapes of the objects that a schema takes; none for one that takes anything, such as metadata. */
export function shapesOf(schema: Schema): readonly Shape[] {
  const { type, shape, options } = definitionOf(schema)
  if (type === 'object' && shape !== undefined) return [shape]
  return type === 'union' ? (options ?? []).flatMap(shapesOf) : []
}

/** The schema of a list's items, those of a tuple being alike; null if the schema takes no list. */
export function elementOf(schema: Schema): Schema | null {
  const { type, element, items } = definitionOf(schema)
  if (type === 'array') return element ?? null
  return type === 'tuple' ? (items?.[0] ?? null) : null
}

/** Null if no object that the schema takes knows the field. */
export function fieldOf(schema: Schema, name: string): Schema | null {
  const shape = shapesOf(schema).find((one) => Object.hasOwn(one, name))
  return shape?.[name] ?? null
}

/** Whether the schema, or one that it wraps, is marked by `{ [mark]: true }` in its `meta`. */
export function isMarked(schema: Schema, mark: string): boolean {
  const { meta } = schema as { readonly meta?: () => Readonly<Record<string, unknown>> | undefined }
  if (meta?.call(schema)?.[mark] === true) return true
  const inner = innerOf(schema)
  return inner !== null && isMarked(inner, mark)
}

function unwrap(schema: Schema): Schema {
  const inner = innerOf(schema)
  return inner === null ? schema : unwrap(inner)
}

function innerOf(schema: Schema): Schema | null {
  const { innerType, in: input } = plain(schema)
  return innerType ?? input ?? null
}

function plain(schema: Schema): Definition {
  return schema._zod.def as Definition
}
