/** Bytes of one request that are not picture text. */
export const MAX_SKELETON_BYTES = 1_000_000
const FIRST_BYTES = 4_096

/** The JSON of a body without the texts of its pictures: small, so that it may be parsed at once. */
export class JsonSkeleton {
  #bytes = Buffer.alloc(FIRST_BYTES)
  #used = 0

  get used(): number {
    return this.#used
  }

  /** Bytes that it keeps from others. */
  get capacity(): number {
    return this.#bytes.byteLength
  }

  /** False if there is too much of it. */
  append(part: Buffer): boolean {
    const end = this.#used + part.byteLength
    if (end > MAX_SKELETON_BYTES) return false
    if (end > this.#bytes.byteLength) {
      const larger = Buffer.alloc(Math.min(MAX_SKELETON_BYTES, Math.max(end, 2 * this.#bytes.byteLength)))
      this.#bytes.copy(larger, 0, 0, this.#used)
      this.#bytes = larger
    }
    part.copy(this.#bytes, this.#used)
    this.#used = end
    return true
  }

  /** The bytes from there to the end. */
  view(start: number): Buffer {
    return this.#bytes.subarray(start, this.#used)
  }
}
