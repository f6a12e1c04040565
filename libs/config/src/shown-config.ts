import type { z } from 'zod'
import { secretNames } from './secret-fields.ts'
import { HIDDEN, shownText } from './shown-value.ts'

/**
 * What is in force, for the log at the start: every variable of the schema in its order, secrets hidden, credentials in
 * URLs hidden, and null for what is not set.
 */
export function shownConfig<S extends z.ZodObject>(
  schema: S,
  config: Readonly<z.output<S>>,
  options: { readonly secrets?: readonly (keyof S['shape'] & string)[] } = {},
): Readonly<Record<string, unknown>> {
  const secrets = secretNames(schema, options.secrets ?? [])
  const values = config as Readonly<Record<string, unknown>>
  const described = Object.keys(schema.shape).map((name) => {
    const value = values[name]
    return [name, secrets.has(name) ? shownSecret(value) : shown(value)]
  })
  return Object.fromEntries(described)
}

function shownSecret(value: unknown): string | null {
  const isSet = Array.isArray(value) ? value.length > 0 : Boolean(value)
  return isSet ? HIDDEN : null
}

function shown(value: unknown): unknown {
  if (typeof value === 'string') return shownText(value)
  return Array.isArray(value) ? value.map(shown) : (value ?? null)
}
