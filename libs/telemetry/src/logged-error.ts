/** Causes of causes beyond this say nothing new. */
const MAX_DEPTH = 4
const MAX_TEXT_CHARS = 4_000

/**
 * What a log may hold of an error: its kind, texts, our code and ids, and its causes. Other properties are left out:
 * vendors hang requests, answers and inputs on their errors.
 */
export function loggedError(fault: unknown, depth = 0): Readonly<Record<string, unknown>> {
  if (!(fault instanceof Error)) return { type: typeof fault }
  const { code, retryable, context } = fault as { code?: unknown; retryable?: unknown; context?: unknown }
  return {
    type: fault.name,
    message: cut(fault.message),
    ...(fault.stack === undefined ? {} : { stack: cut(fault.stack) }),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(typeof retryable === 'boolean' ? { retryable } : {}),
    ...(isPlain(context) ? { context: idsOf(context) } : {}),
    ...(fault.cause === undefined || depth >= MAX_DEPTH
      ? {}
      : { cause: loggedError(fault.cause, depth + 1) }),
  }
}

function cut(text: string): string {
  return text.length > MAX_TEXT_CHARS ? `${text.slice(0, MAX_TEXT_CHARS)}...` : text
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The catalogue allows ids and counts in a context, so nothing else passes. */
function idsOf(context: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const entries = Object.entries(context).map(([key, value]) => {
    if (typeof value === 'string') return [key, cut(value)]
    return [key, typeof value === 'number' || typeof value === 'boolean' ? value : `(${typeof value})`]
  })
  return Object.fromEntries(entries)
}
