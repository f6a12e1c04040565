const SMALLEST_BYTES = 16_384

/**
 * What one request uploads, all of it in one piece of memory that grows as bytes come: never more than twice of what has
 * come, and never more than was announced. The announced length is halved until it fits, so the last growth ends there.
 */
export class UploadBuffer {
  readonly #limit: number
  #memory: ArrayBuffer
  #used = 0

  /** `limit`: bytes announced, else most bytes allowed. */
  constructor(limit: number) {
    this.#limit = limit
    this.#memory = new ArrayBuffer(this.#capacityFor(0))
  }

  /** Where the chunk begins. It must fit within the limit. */
  append(chunk: Uint8Array): number {
    const start = this.#used
    const end = start + chunk.byteLength
    // Lets go of the old memory at once, where a new array would leave it to the garbage collector.
    if (end > this.#memory.byteLength) this.#memory = this.#memory.transfer(this.#capacityFor(end))
    new Uint8Array(this.#memory).set(chunk, start)
    this.#used = end
    return start
  }

  /** No copy; to be taken once everything has come. */
  view(start: number, end: number): Uint8Array {
    return new Uint8Array(this.#memory, start, end - start)
  }

  #capacityFor(needed: number): number {
    let capacity = Math.max(this.#limit, needed)
    while (capacity > SMALLEST_BYTES && Math.ceil(capacity / 2) >= needed) capacity = Math.ceil(capacity / 2)
    return capacity
  }
}
