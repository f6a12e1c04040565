/** A multiple of a scan's block, so that no block crosses from one segment into another. */
const SEGMENT_SHIFT = 14
const SEGMENT_RECORDS = 1 << SEGMENT_SHIFT
const SEGMENT_MASK = SEGMENT_RECORDS - 1
const NO_WORDS = new Uint32Array(0)

/**
 * Records of `width` 32-bit words in memory that threads share. It grows by whole segments, so growing copies nothing
 * and blocks nobody, and none of it is on the garbage collector's heap. New records are zero.
 */
export class WordTable {
  readonly width: number
  readonly #segments: Uint32Array[] = []
  readonly #announce: (segment: SharedArrayBuffer) => void

  /** @param announce called with each new segment, for the threads that read along */
  constructor(width: number, announce: (segment: SharedArrayBuffer) => void = () => {}) {
    this.width = width
    this.#announce = announce
  }

  /** Makes room for this record; the one place where a table grows. */
  reserve(record: number): void {
    while (this.#segments.length <= record >>> SEGMENT_SHIFT) {
      const segment = new SharedArrayBuffer(SEGMENT_RECORDS * this.width * 4)
      this.adopt(segment)
      this.#announce(segment)
    }
  }

  /** Appends a segment that another thread's table announced. */
  adopt(segment: SharedArrayBuffer): void {
    this.#segments.push(new Uint32Array(segment))
  }

  get(record: number, word: number): number {
    return this.#segments[record >>> SEGMENT_SHIFT]?.[(record & SEGMENT_MASK) * this.width + word] ?? 0
  }

  set(record: number, word: number, value: number): void {
    const segment = this.#segments[record >>> SEGMENT_SHIFT]
    if (segment !== undefined) segment[(record & SEGMENT_MASK) * this.width + word] = value
  }

  /** The words of the segment that holds this record, for loops over many of one segment. */
  wordsAround(record: number): Uint32Array {
    return this.#segments[record >>> SEGMENT_SHIFT] ?? NO_WORDS
  }

  /** What to add to a record's number times the width to get its place in `wordsAround`. */
  originOf(record: number): number {
    return ((record & SEGMENT_MASK) - record) * this.width
  }

  /** Compares word by word (negative, zero or positive), which is the order of lower-case UUIDs as text. */
  compare(a: number, b: number): number {
    for (let word = 0; word < this.width; word++) {
      const difference = this.get(a, word) - this.get(b, word)
      if (difference !== 0) return difference
    }
    return 0
  }
}
