import type { ArchiveFile } from '../archive/archive-item.ts'
import { InvalidField } from '../fields/invalid-field.ts'
import { isJsonObject, jsonText, parseJson } from '../fields/json-text.ts'

/** A record of an export as it stands there. */
export type ExportRecord = Readonly<Record<string, unknown>>

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The JSON object of a file. Throws `InvalidField`, and what its archive throws. */
export async function readRecord(file: ArchiveFile, maxBytes: number): Promise<ExportRecord> {
  const tooLarge = new InvalidField('record', `must have at most ${maxBytes} bytes`)
  if (file.bytes !== null && file.bytes > maxBytes) throw tooLarge
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of file.open()) {
    length += piece.length
    if (length > maxBytes) throw tooLarge
    pieces.push(piece)
  }
  const value = parseJson('record', textOf(Buffer.concat(pieces)))
  if (!isJsonObject(value)) throw new InvalidField('record', 'must be a JSON object')
  return value as ExportRecord
}

/** Null and '' count as not there: a person without a name has an empty one. */
export function textField(record: ExportRecord, name: string): string | undefined {
  const value = record[name]
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value !== 'string') throw new InvalidField(name, 'must be a string')
  return value
}

export function metadataField({ metadata }: ExportRecord): string | undefined {
  if (metadata === undefined) return undefined
  if (!isJsonObject(metadata)) throw new InvalidField('metadata', 'must be a JSON object')
  return jsonText('metadata', metadata)
}

export function groupsField({ groups }: ExportRecord): readonly string[] {
  if (Array.isArray(groups) && groups.every((id) => typeof id === 'string')) return groups
  throw new InvalidField('groups', 'must be a list of strings')
}

/** Those of these fields that the record has. */
export function pick(record: ExportRecord, names: readonly string[]): object {
  return Object.fromEntries(names.flatMap((name) => (name in record ? [[name, record[name]]] : [])))
}

function textOf(bytes: Buffer): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new InvalidField('record', 'is not UTF-8')
  }
}
