import { parseExactJson } from '@semblance/core'
import { MAX_METADATA_VALUES } from './metadata-field.ts'
import { metadataTexts, refuseRepeatedKeys } from './repeated-key.ts'

/**
 * The value of a body's JSON text, whose shape was judged before. Numbers within `metadata`, which is at the top of a
 * body or one level below, keep their digits: `metadataField` reads them. All others are plain numbers. Throws what the
 * error handler knows: `entity.parse.failed` for what is no JSON object or array; and `RepeatedKey`.
 */
export function readJson(text: string): unknown {
  const value = parsePlain(text)
  const holders = holdersOfMetadata(value)
  if (holders.length === 0) return value
  const texts = metadataTexts(text)
  for (const { name, holder } of holders) {
    const exact = texts.get(name)
    if (exact !== undefined) holder.metadata = parseExactJson(exact)
  }
  return value
}

/** The value of somebody's metadata that came as a text of its own. Throws SyntaxError, RangeError, `RepeatedKey`. */
export function readMetadataJson(text: string): unknown {
  const value = parseExactJson(text, MAX_METADATA_VALUES)
  refuseRepeatedKeys(text)
  return value
}

type Holder = Record<string, unknown>

interface NamedHolder {
  /** The name of the field that holds it; null: it is the body itself. */
  readonly name: string | null
  readonly holder: Holder
}

function holdersOfMetadata(body: object): readonly NamedHolder[] {
  const inner = Object.entries(body).map(([name, holder]) => ({ name, holder }))
  return [{ name: null, holder: body }, ...inner].filter(
    (each): each is NamedHolder => isObject(each.holder) && Object.hasOwn(each.holder, 'metadata'),
  )
}

function isObject(value: unknown): value is Holder {
  return typeof value === 'object' && value !== null
}

function parsePlain(text: string): object {
  const value = parseOrFail(text)
  if (typeof value === 'object' && value !== null) return value
  throw parseFailure('is no JSON object')
}

function parseOrFail(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own message quotes the text.
    throw parseFailure('is not JSON')
  }
}

function parseFailure(message: string): Error {
  return Object.assign(new Error(message), { status: 400, type: 'entity.parse.failed' })
}
