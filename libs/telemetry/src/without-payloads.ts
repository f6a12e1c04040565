import { loggedError } from './logged-error.ts'

const MAX_DEPTH = 5
const MAX_ENTRIES = 50
/** Landmarks, boxes and thresholds pass; no descriptor is this short. */
const MAX_NUMBERS = 16
/** No id or message is this long; a picture in base64 always is. */
const MAX_TEXT_CHARS = 2_000

/**
 * A copy fit for a log: bytes, vectors and long texts give way to their size, whatever key they hide under, and errors to
 * what may be told of them. Never throws, since a log line must not fail what it tells of.
 */
export function withoutPayloads(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value.length > MAX_TEXT_CHARS ? `(text of ${value.length})` : value
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Error) return loggedError(value)
  if (ArrayBuffer.isView(value)) return `(bytes: ${value.byteLength})`
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer)
    return `(bytes: ${value.byteLength})`
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (depth >= MAX_DEPTH) return '(deeper)'
  return Array.isArray(value) ? arrayWithout(value, depth) : objectWithout(value, depth)
}

function arrayWithout(values: readonly unknown[], depth: number): unknown {
  if (values.length > MAX_NUMBERS && typeof values[0] === 'number') return `(numbers: ${values.length})`
  const kept = values.slice(0, MAX_ENTRIES).map((value) => withoutPayloads(value, depth + 1))
  return values.length > MAX_ENTRIES ? [...kept, `(${values.length - MAX_ENTRIES} more)`] : kept
}

function objectWithout(value: object, depth: number): unknown {
  if (value instanceof Map || value instanceof Set) return `(${value.constructor.name} of ${value.size})`
  const copy: Record<string, unknown> = {}
  for (const key of Object.keys(value).slice(0, MAX_ENTRIES)) {
    copy[key] = withoutPayloads(readProperty(value, key), depth + 1)
  }
  return copy
}

function readProperty(value: object, key: string): unknown {
  try {
    return Reflect.get(value, key)
  } catch {
    return '(unreadable)'
  }
}
