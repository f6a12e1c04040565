import { peek, skip } from '../bytes/peek.ts'
import { type ByteSource, readBytes } from '../bytes/read-bytes.ts'
import { exportInLines } from '../export/export-line.ts'
import { listNames, PERSON_FIELDS } from '../fields/field-names.ts'
import { InvalidField } from '../fields/invalid-field.ts'
import { problemAt, type RowPlace } from '../fields/make-row.ts'
import { didYouMean } from '../fields/near-field.ts'
import { withContents } from '../fields/with-contents.ts'
import { boundsOf, type Reading } from '../reading.ts'
import type { SourceItem, SourcePerson } from '../source-row.ts'
import { splitLines } from './lines.ts'
import {
  type NdjsonBounds,
  type NdjsonObject,
  personNamedBy,
  readNdjsonObject,
  readNdjsonRow,
} from './ndjson-row.ts'

const UTF8_MARK = Buffer.from('\uFEFF')

/**
 * The rows of NDJSON in UTF-8: one JSON object for each line; blank lines do not count. A line that is wrong or too long is
 * a problem, and the next one is read. Throws `SourceFault`, also for an export in lines, and the signal's reason.
 */
export async function* readNdjsonManifest(
  source: ByteSource,
  reading: Reading = {},
): AsyncGenerator<SourceItem> {
  const bounds = boundsOf(reading)
  const start = await peek(readBytes(source, reading), UTF8_MARK.length)
  const text = start.head.equals(UTF8_MARK) ? skip(start.all, UTF8_MARK.length) : start.all
  const maxLineBytes = bounds.rowBytes + Math.ceil((bounds.pictureBytes * 4) / 3)
  const told = new Set<string>()
  let position = 0
  let isFirst = true
  for await (const { bytes } of splitLines(text, maxLineBytes)) {
    position += 1
    const place: RowPlace = { unit: 'line', position }
    if (bytes === null) {
      yield problemAt(place, 'line', `has more than ${maxLineBytes} bytes`)
      continue
    }
    yield* readLine(bytes, { place, bounds, told, isFirst })
    if (isFirst) isFirst = bytes.toString('latin1').trim() === ''
  }
}

interface LineReading {
  readonly place: RowPlace
  readonly bounds: NdjsonBounds
  /** Names of unknown fields that were told; bounded by `MAX_TOLD`. */
  readonly told: Set<string>
  /** None but blank ones came before. */
  readonly isFirst: boolean
}

function* readLine(bytes: Buffer, { place, bounds, told, isFirst }: LineReading): Generator<SourceItem> {
  let key: string | undefined
  let person: SourcePerson | undefined
  try {
    const object = readNdjsonObject(bytes, bounds)
    if (object === null) return
    if (isFirst && object.isExported) throw exportInLines()
    const given = object.given.get('key')
    key = typeof given === 'string' && given !== '' ? given : undefined
    person = personNamedBy(object.given)
    yield* noteUnknown(object, told)
    requirePerson(object)
    yield withContents(readNdjsonRow(object.given, place, bounds), bytes)
  } catch (error) {
    if (!(error instanceof InvalidField)) throw error
    yield withContents(problemAt({ ...place, key, person }, error.field, error.message), bytes)
  }
}

/** Throws `InvalidField` for a row of nobody whose person was most likely meant to be named: it would make somebody of its own. */
function requirePerson({ given, unknown }: NdjsonObject): void {
  if (given.has('sourceProblem') || PERSON_FIELDS.some((field) => given.has(field))) return
  const hint = didYouMean(unknown, 'person')
  if (hint !== '') throw new InvalidField('person', `is not named: ${listNames(unknown)} is not read${hint}`)
}

/** After so many names, more would help nobody. */
const MAX_TOLD = 20

function* noteUnknown({ unknown }: NdjsonObject, told: Set<string>): Generator<SourceItem> {
  const fresh = unknown.filter((name) => !told.has(name)).slice(0, MAX_TOLD - told.size)
  if (fresh.length === 0) return
  for (const name of fresh) told.add(name)
  yield { kind: 'note', message: `fields that are not read: ${listNames(fresh)}` }
}
