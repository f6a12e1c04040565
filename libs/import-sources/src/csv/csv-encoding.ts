import { skip } from '../bytes/peek.ts'
import { SourceFault } from '../source-fault.ts'

/** `latin1` is ISO 8859-1, `windows-1252` is what Windows programs of the West mean by ANSI. */
export type CsvEncoding = 'utf-8' | 'windows-1252' | 'latin1'

export type DetectedEncoding = CsvEncoding | 'utf-16le' | 'utf-16be'

/** By the names that an HTTP charset has; ISO 8859-1 is what most programs call Windows-1252, as browsers have it. */
const BY_CHARSET: Readonly<Record<string, CsvEncoding>> = {
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  'us-ascii': 'utf-8',
  // Found out by its first bytes.
  'utf-16': 'utf-8',
  'utf-16le': 'utf-8',
  'utf-16be': 'utf-8',
  'windows-1252': 'windows-1252',
  cp1252: 'windows-1252',
  'iso-8859-1': 'windows-1252',
  latin1: 'windows-1252',
}

/** The encoding that a content type names; undefined if it names none. Throws the fault `not-readable` for one not read. */
export function encodingSaid(contentType: string | undefined): CsvEncoding | undefined {
  // Others than texts say `binary` there, or whatever their server is set to.
  if (!/^\s*text\//i.test(contentType ?? '')) return undefined
  const [, name] = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType ?? '') ?? []
  if (name === undefined) return undefined
  const charset = name.toLowerCase()
  const encoding = Object.hasOwn(BY_CHARSET, charset) ? BY_CHARSET[charset] : undefined
  if (encoding !== undefined) return encoding
  throw new SourceFault('not-readable', 'its charset is not read: send UTF-8, UTF-16 or windows-1252')
}

interface Detected {
  readonly encoding: DetectedEncoding
  /** Bytes of the byte order mark. */
  readonly bomBytes: number
}

/**
 * A byte order mark counts for more than what was asked for. UTF-16 without one is known by the zero in one of its first
 * two bytes, since a header begins with a plain letter.
 */
export function detectEncoding(head: Buffer, asked: CsvEncoding | undefined): Detected {
  const [first, second, third] = head
  if (first === 0xef && second === 0xbb && third === 0xbf) return { encoding: 'utf-8', bomBytes: 3 }
  if (first === 0xff && second === 0xfe) return { encoding: 'utf-16le', bomBytes: 2 }
  if (first === 0xfe && second === 0xff) return { encoding: 'utf-16be', bomBytes: 2 }
  if (second === 0 && first !== 0) return { encoding: 'utf-16le', bomBytes: 0 }
  if (first === 0 && second !== 0 && second !== undefined) return { encoding: 'utf-16be', bomBytes: 0 }
  return { encoding: asked ?? 'utf-8', bomBytes: 0 }
}

/** Bytes in which a delimiter, a quote and a line break are the one byte that they are in ASCII. UTF-16 becomes UTF-8. */
export function asciiLike(
  pieces: AsyncGenerator<Buffer>,
  { encoding, bomBytes }: Detected,
): AsyncGenerator<Buffer> {
  const text = bomBytes === 0 ? pieces : skip(pieces, bomBytes)
  return encoding === 'utf-16le' || encoding === 'utf-16be' ? transcoded(text, encoding) : text
}

async function* transcoded(
  pieces: AsyncGenerator<Buffer>,
  encoding: 'utf-16le' | 'utf-16be',
): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding)
  for await (const piece of pieces) yield Buffer.from(decoder.decode(piece, { stream: true }))
  yield Buffer.from(decoder.decode())
}

const NOT_ASCII = /[\u0080-\u00ff]/
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const windows = new TextDecoder('windows-1252')

/** Words about text that is not in its encoding, and what its sender may do. */
export function notIn(encoding: DetectedEncoding): string {
  const hint = encoding === 'utf-8' ? '; if it is in Windows-1252, say so (charset, encoding)' : ''
  return `is not ${encoding.toUpperCase()}${hint}`
}

/** The text of a cell that came as one character for each byte; null if it is not in the encoding. */
export function decodeCell(cell: string, encoding: DetectedEncoding): string | null {
  if (!NOT_ASCII.test(cell) || encoding === 'latin1') return cell
  const bytes = Buffer.from(cell, 'latin1')
  if (encoding === 'windows-1252') return windows.decode(bytes)
  try {
    const text = utf8.decode(bytes)
    // Half a character of UTF-16 was replaced when it was transcoded.
    return encoding !== 'utf-8' && text.includes('\uFFFD') ? null : text
  } catch {
    return null
  }
}
