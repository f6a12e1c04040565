import { closeSync, fdatasyncSync, fstatSync, openSync, readSync, statSync, writeSync } from 'node:fs'

/** Constants of SQLite's file formats: https://www.sqlite.org/fileformat2.html, sections 1.6 and 4. */
const LOG_HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24
/** The bytes in front of the header of page 1. */
const FILE_HEADER_BYTES = 100
/** Kinds of B-tree pages, and how long the header of each is. */
const HEADER_BYTES: Readonly<Record<number, number>> = { 2: 12, 5: 12, 10: 8, 13: 8 }
/** An overflow page, which begins with a page number, could look like a B-tree page from this one on. */
const MOST_PAGES = 0x02_00_00_00

/**
 * Overwrites the free space of pages in a database file. `secure_delete` overwrites what is deleted where it stands, but
 * not the copies that stay behind in a page's free space when SQLite moves entries between pages: about one name in a
 * thousand outlived its deletion there. What a page must not lose is never in that space, so that a crash in the midst
 * does no harm, and readers take no notice.
 */
export class FreeSpace {
  readonly #file: number
  readonly #page: Buffer
  /** Pages changed since the last `wipe`. */
  readonly #changed = new Set<number>()

  /** Close it after SQLite has closed the file: the operating system would end SQLite's locks with ours. */
  constructor(file: string, pageBytes: number) {
    this.#file = openSync(file, 'r+')
    this.#page = Buffer.alloc(pageBytes)
  }

  /** Remembers the pages that the write-ahead log holds; to be called before each checkpoint, which may empty it. */
  noteLog(file: string): void {
    const log = openIfThere(file)
    if (log === null) return
    try {
      const number = Buffer.alloc(4)
      const frameBytes = FRAME_HEADER_BYTES + this.#page.length
      const { size } = fstatSync(log)
      for (let at = LOG_HEADER_BYTES; at + frameBytes <= size; at += frameBytes) {
        readSync(log, number, 0, 4, at)
        this.#changed.add(number.readUInt32BE(0))
      }
    } finally {
      closeSync(log)
    }
  }

  /** The pages noted so far; to be called once a checkpoint has written them all to the file. */
  wipe(): void {
    // Nothing tells an overflow page from one with entries in a file that large; no gallery of one machine is that large.
    const isTold = fstatSync(this.#file).size / this.#page.length < MOST_PAGES
    let hasWritten = false
    for (const number of isTold ? this.#changed : []) hasWritten = this.#wipePage(number) || hasWritten
    if (hasWritten) fdatasyncSync(this.#file)
    this.#changed.clear()
  }

  /** Answers false once the file was removed or replaced; what is still written goes nowhere. */
  isInPlace(path: string): boolean {
    const [ours, there] = [fstatSync(this.#file), statSync(path, { throwIfNoEntry: false })]
    return there?.ino === ours.ino && there.dev === ours.dev
  }

  close(): void {
    closeSync(this.#file)
  }

  #wipePage(number: number): boolean {
    const page = this.#page
    const start = (number - 1) * page.length
    if (readSync(this.#file, page, 0, page.length, start) < page.length) return false
    const free = freeSpaceOf(page, number)
    if (free === null || free.every((byte) => byte === 0)) return false
    writeSync(this.#file, free.fill(0), 0, free.length, start + (free.byteOffset - page.byteOffset))
    return true
  }
}

/** Between the list of a page's entries and the entries themselves; null if it is no page with entries. */
function freeSpaceOf(page: Buffer, number: number): Buffer | null {
  const header = number === 1 ? FILE_HEADER_BYTES : 0
  const headerBytes = HEADER_BYTES[page.readUInt8(header)]
  if (headerBytes === undefined) return null
  const entries = page.readUInt16BE(header + 3)
  const from = header + headerBytes + 2 * entries
  // 0 stands for 65,536, which no page of ours has.
  const to = page.readUInt16BE(header + 5)
  return from < to && to <= page.length ? page.subarray(from, to) : null
}

function openIfThere(file: string): number | null {
  try {
    return openSync(file, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
