import type { ExportFormat } from './whole-export.ts'

/** A line of a person begins so. It stands nowhere else: a line break within a text is written as `\\n`. */
const PERSON_LINE = Buffer.from('\n{"type":"person"')
const BLOCK_BYTES = 512
/** Where the header of a file in a tar has its name and its size, which is an octal number. */
const NAME_END = 100
const [SIZE_FROM, SIZE_TO] = [124, 136]

/** Counts the persons of an export by its bytes, piece by piece; answers how many there were so far. */
export function countPersons(format: ExportFormat): (piece: Uint8Array) => number {
  return format === 'tar' ? countInTar() : countInLines()
}

function countInLines(): (piece: Uint8Array) => number {
  let persons = 0
  // The first line follows no other.
  let tail: Buffer = Buffer.from('\n')
  return (piece) => {
    const bytes = Buffer.concat([tail, piece])
    for (let at = bytes.indexOf(PERSON_LINE); at !== -1; at = bytes.indexOf(PERSON_LINE, at + 1)) persons++
    // One byte less than what is looked for, so that nothing is counted twice.
    tail = bytes.subarray(Math.max(0, bytes.length - PERSON_LINE.length + 1))
    return persons
  }
}

function countInTar(): (piece: Uint8Array) => number {
  let persons = 0
  let skip = 0
  let rest: Buffer = Buffer.alloc(0)
  return (piece) => {
    const bytes = Buffer.concat([rest, piece])
    let at = Math.min(skip, bytes.length)
    skip -= at
    while (skip === 0 && at + BLOCK_BYTES <= bytes.length) {
      const header = bytes.subarray(at, at + BLOCK_BYTES)
      if (textOf(header, 0, NAME_END).endsWith('/person.json')) persons++
      const size = Number.parseInt(textOf(header, SIZE_FROM, SIZE_TO), 8) || 0
      const wanted = BLOCK_BYTES + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES
      const taken = Math.min(wanted, bytes.length - at)
      skip = wanted - taken
      at += taken
    }
    // Less than a header.
    rest = Buffer.from(bytes.subarray(at))
    return persons
  }
}

function textOf(header: Buffer, from: number, to: number): string {
  const [text = ''] = header.toString('latin1', from, to).split('\0')
  return text.trim()
}
