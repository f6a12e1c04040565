import { parseExactJson } from '@semblance/core'
import { refuseRepeatedKeys, refuseRepeatedMetadata } from './repeated-key.ts'

/**
 * The value of a body's JSON text, whose shape was judged before. Numbers within `metadata`, which is at the top of a
 * body or one level below, keep their digits: `metadataField` reads them. All others are plain numbers. Throws what the
 * error handler knows: `entity.parse.failed` for what is no JSON object or array; and `RepeatedKey`, `TooManyValues`.
 */
export function readJson(text: string): unknown {
  const value = parsePlain(text)
  const holders = holdersOfMetadata(value)
  if (holders.length === 0) return value
  refuseRepeatedMetadata(text)
  const exact = readExactly(text)
  for (const { name, holder } of holders) {
    const exactHolder = name === null ? exact : (exact[name] as Holder)
    holder.metadata = exactHolder.metadata
  }
  return value
}

/** The value of somebody's metadata that came as a text of its own. Throws SyntaxError, RangeError, `RepeatedKey`. */
export function readMetadataJson(text: string): unknown {
  const value = parseExactJson(text, MAX_VALUES)
  refuseRepeatedKeys(text)
  return value
}

type Holder = Record<string, unknown>

/** 64 KB of metadata hold 33,000 values at most, and whatever else a body needs beside it 12,000. */
const MAX_VALUES = 50_000

function readExactly(text: string): Holder {
  try {
    return parseExactJson(text, MAX_VALUES) as Holder
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new TooManyValues()
  }
}

/** More than are read with their digits; in words that follow "the body". */
export class TooManyValues extends Error {
  constructor() {
    super(`has more than ${MAX_VALUES} values, metadata included`)
  }
}

interface NamedHolder {
  /** Of the field that holds it; null: it is the body itself. */
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
