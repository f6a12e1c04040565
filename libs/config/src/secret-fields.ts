import { z } from 'zod'
import { type Field, field, url } from './fields.ts'

const secretSchemas = z.registry<{ readonly isSecret: true }>()

/** A text that is never printed, and that may come from the file named by the variable with `_FILE` behind it. */
export function secretText(): Field<string> {
  return markSecret(field('a secret text', (text) => text))
}

/** A URL that may hold a password; never printed, and from a file as `secretText`. */
export function secretUrl(schemes: readonly string[]): Field<string> {
  return markSecret(url(schemes))
}

/**
 * A secret like `secretText`, with one or more entries by commas or lines. One that is set but has no entry is a
 * problem, not "none".
 */
export function secretList(): Field<readonly string[]> {
  const wanted = 'one or more secrets, separated by commas or lines'
  return markSecret(
    field(wanted, (text) => {
      const entries = text.split(/[,\n]/).map((entry) => entry.trim())
      const given = entries.filter((entry) => entry !== '')
      return given.length === 0 ? undefined : given
    }),
  )
}

/** Names of an object schema's secret fields, `more` included. */
export function secretNames(schema: z.ZodObject, more: readonly string[]): ReadonlySet<string> {
  const marked = Object.entries(schema.shape).filter(([, shape]) => isSecret(shape))
  return new Set([...marked.map(([name]) => name), ...more])
}

function markSecret<T>(schema: Field<T>): Field<T> {
  secretSchemas.add(schema, { isSecret: true })
  return schema
}

/** Sees through `.default()`, `.optional()`, `.pipe()` and their like. */
function isSecret(schema: z.core.$ZodType): boolean {
  if (secretSchemas.has(schema) || secretSchemas.get(schema)?.isSecret === true) return true
  const { innerType, in: input } = schema._zod.def as { innerType?: z.core.$ZodType; in?: z.core.$ZodType }
  const inner = innerType ?? input
  return inner !== undefined && isSecret(inner)
}
