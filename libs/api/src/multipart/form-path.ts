import { elementOf, fieldOf, type Schema } from '../endpoint/schema-parts.ts'

/** Names and list positions from the body inwards; never empty. */
export type Path = readonly [string, ...string[]]

/** The limit is ours; bodies are four deep. */
const MAX_STEPS = 8

/** `outputImageParams.crop.type`, `images[0].type` or `images.0.type`; `groupIds[]`, as some languages write lists, is `groupIds`. */
export function pathOf(name: string): Path {
  const steps = name
    .replace(/\[\]$/, '')
    .replace(/\[(\w*)\]/g, '.$1')
    .split('.')
  const [first, ...rest] = steps
  return first === undefined || steps.length > MAX_STEPS ? [name] : [first, ...rest]
}

/** Null where the body knows nothing. */
export function schemaAt(body: Schema, path: Path): Schema | null {
  let schema: Schema | null = body
  for (const step of path) {
    if (schema === null) return null
    schema = isPosition(step) ? (elementOf(schema) ?? fieldOf(schema, step)) : fieldOf(schema, step)
  }
  return schema
}

/** Sets a value inside, making objects and lists on the way; one in the way that is neither gives way. */
export function placeAt(body: object, path: Path, value: unknown): void {
  let holder = body
  for (const [depth, step] of path.entries()) {
    const next = path[depth + 1]
    const there = Object.hasOwn(holder, step) ? (holder as Record<string, unknown>)[step] : undefined
    const inner = next === undefined ? value : isHolder(there) ? there : isPosition(next) ? [] : {}
    define(holder, step, inner)
    holder = inner as object
  }
}

/** Makes the field the object's own, even if its name is `__proto__`. */
function define(holder: object, name: string, value: unknown): void {
  Object.defineProperty(holder, name, { value, enumerable: true, writable: true, configurable: true })
}

function isHolder(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array)
}

/** Two digits at most: a list is as long as its last position says. */
function isPosition(step: string): boolean {
  return /^\d{1,2}$/.test(step)
}
