import { exactNumberText, MAX_METADATA_BYTES } from '@semblance/core'
import { z } from 'zod'

/** The limits are ours; the contract names none. docs/api.md tells them. */
const MAX_METADATA_DEPTH = 32
/** The most values of one body. Each takes microseconds to read with its digits, in one turn of the event loop. */
export const MAX_METADATA_VALUES = 10_000

/**
 * Any JSON object, as text. Never rebuilt key by key, so that keys such as `__proto__`, `a.b` and `$set` come back
 * as they were sent; numbers keep their digits if `readJson` read them.
 */
export const metadataField = z
  .unknown()
  .transform((value, context): string => {
    const problem = metadataProblem(value)
    if (problem === null) {
      const text = JSON.stringify(value)
      if (Buffer.byteLength(text) <= MAX_METADATA_BYTES) return text
    }
    context.issues.push({
      code: 'custom',
      message: problem ?? `must be at most ${MAX_METADATA_BYTES} bytes of JSON`,
      input: undefined,
    })
    return z.NEVER
  })
  .meta({
    description: `Any JSON object, at most ${MAX_METADATA_BYTES / 1024} KB and ${MAX_METADATA_DEPTH} levels deep.`,
    override: { type: 'object', additionalProperties: true },
    example: { department: 'reception' },
  })

function metadataProblem(value: unknown): string | null {
  if (value === undefined) return 'is required'
  if (!isInner(value) || Array.isArray(value)) return 'must be a JSON object'
  return isDeeperThan(value, MAX_METADATA_DEPTH) ? `must be at most ${MAX_METADATA_DEPTH} levels deep` : null
}

/** Level by level instead of by recursion: the value comes from a stranger. */
function isDeeperThan(value: object, levels: number): boolean {
  let level: readonly object[] = [value]
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > levels) return true
    level = level.flatMap((node) => Object.values(node)).filter(isInner)
  }
  return false
}

/** An object or a list, but not a number that is kept as text. */
function isInner(value: unknown): value is object {
  return typeof value === 'object' && value !== null && exactNumberText(value) === null
}
