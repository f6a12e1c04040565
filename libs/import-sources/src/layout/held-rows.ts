import { parseExactJson } from '@semblance/core'
import { SourceFault } from '../source-fault.ts'
import type { SourceRow } from '../source-row.ts'

/**
 * What V8 takes for a row beside its text and its path: an entry of a map that doubles, and two strings. Measured with 500,000
 * rows: by this, rows of 110 bytes are estimated at 129, usual ones of 256 at 256, and those of 66 that name one file at 117.
 */
const ROW_OVERHEAD_BYTES = 80
/** A string has one byte for each character, or two where one is beyond Latin-1. */
const CHARACTER_BYTES = 2

/**
 * What the rows of all archives may take that one process reads at once: of two that take the most, or of many usual ones. Ours; a
 * gateway of the chart has 1 GB.
 */
const ROOM_BYTES = 256_000_000

/** Room that several archives share. In bytes. */
export class HeldRowsRoom {
  #free: number

  constructor(bytes: number) {
    this.#free = bytes
  }

  /** False: others have it. */
  take(bytes: number): boolean {
    if (bytes > this.#free) return false
    this.#free -= bytes
    return true
  }

  giveBack(bytes: number): void {
    this.#free += bytes
  }
}

const roomOfProcess = new HeldRowsRoom(ROOM_BYTES)

/**
 * Rows that wait for their files, by path. They are held as text, which takes two fifths of what they take as objects; what they
 * said of their picture is left out. Adding takes the same time however many rows name one file.
 */
export class HeldRows {
  readonly #maxBytes: number
  readonly #room: HeldRowsRoom
  /** Most files are named by one row. */
  readonly #byPath = new Map<string, string | string[]>()
  /** Of all rows so far: what was taken away counts, too. */
  #bytes = 0
  /** Taken out of the room. */
  #taken = 0

  /** `maxBytes`: of memory, as it is estimated here. To be closed. */
  constructor(maxBytes: number, room = roomOfProcess) {
    this.#maxBytes = maxBytes
    this.#room = room
  }

  /** Throws the faults `too-large` and `busy`. */
  add(path: string, row: SourceRow): void {
    const text = packed(row)
    const held = this.#byPath.get(path)
    const bytes = bytesOf(held === undefined ? path : '', text)
    if (this.#bytes + bytes > this.#maxBytes) throw this.#tooMuch()
    if (!this.#room.take(bytes))
      throw new SourceFault('busy', 'other archives have the room for rows that wait for their files')
    this.#bytes += bytes
    this.#taken += bytes
    if (held === undefined) this.#byPath.set(path, text)
    else if (typeof held === 'string') this.#byPath.set(path, [held, text])
    else held.push(text)
  }

  /** Those of this path, in the order in which they came; null if there are none, or they were taken before. */
  take(path: string): Iterable<SourceRow> | null {
    const held = this.#byPath.get(path)
    if (held === undefined) return null
    this.#byPath.delete(path)
    this.#giveBack(bytesOf(path, held))
    return rowsOf(held)
  }

  /** Those that nobody took. */
  *rest(): Generator<SourceRow> {
    for (const held of this.#byPath.values()) yield* rowsOf(held)
  }

  /** Gives its room back. */
  close(): void {
    this.#byPath.clear()
    this.#giveBack(this.#taken)
  }

  #giveBack(bytes: number): void {
    this.#taken -= bytes
    this.#room.giveBack(bytes)
  }

  #tooMuch(): SourceFault {
    const room = `the rows that wait for their files may take ${this.#maxBytes} bytes of memory`
    return new SourceFault('too-large', `${room}: send the archive in parts, each with a manifest of its own`)
  }
}

/** As it is estimated. */
function bytesOf(path: string, held: string | readonly string[]): number {
  const texts = typeof held === 'string' ? [held] : held
  const bytes = texts.reduce((sum, text) => sum + ROW_OVERHEAD_BYTES + text.length, 0)
  return bytes + path.length * CHARACTER_BYTES
}

function* rowsOf(held: string | readonly string[]): Generator<SourceRow> {
  if (typeof held === 'string') yield unpacked(held)
  else for (const text of held) yield unpacked(text)
}

type PackedRow = Omit<SourceRow, 'kind' | 'picture' | 'person' | 'restore'> &
  Partial<Pick<SourceRow, 'person'>> & { readonly restore?: string }

/** UTF-8 with one character for each byte, so that its length is what it takes. */
function packed({ kind, picture, person, restore, ...others }: SourceRow): string {
  const isOwnPerson = person.by === 'key' && person.key === others.key
  const row: PackedRow = {
    ...others,
    ...(!isOwnPerson && { person }),
    // Text within the text: its numbers are to keep their digits, and few rows have one.
    ...(restore !== undefined && { restore: JSON.stringify(restore) }),
  }
  return Buffer.from(JSON.stringify(row)).toString('latin1')
}

function unpacked(text: string): SourceRow {
  const row: PackedRow = JSON.parse(Buffer.from(text, 'latin1').toString())
  const { restore, person = { by: 'key', key: row.key }, ...others } = row
  return {
    kind: 'row',
    ...others,
    person,
    ...(restore !== undefined && { restore: parseExactJson(restore) as object }),
  }
}
