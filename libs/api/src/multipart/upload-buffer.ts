const SMALLEST_BYTES = 16_384

/**
 * What one request uploads, all of it in one piece of memory that grows as bytes come: never more than twice of what has
 * come, and never more than was announced. The announced length is halved until it fits, so the last growth ends there.
 */
export class UploadBuffer {
  readonly #limit: number
  #memory: ArrayBuffer
  #used = 0

  /** `limit`: bytes announced, else most bytes allowed. `whole`: all of them at once, which saves the growing. */
  constructor(limit: number, start: 'small' | 'whole' = 'small') {
    this.#limit = limit
    this.#memory = new ArrayBuffer(start === 'whole' ? limit : this.#capacityFor(0))
  }

  get used(): number {
    return this.#used
  }

  /** Bytes that it keeps from others. */
  get capacity(): number {
    return this.#memory.byteLength
  }

  /** The place where the chunk begins. It must fit within the limit. */
  append(chunk: Uint8Array): number {
    const start = this.#used
    this.write(chunk.byteLength, (room) => {
      room.set(chunk)
      return chunk.byteLength
    })
    return start
  }

  /** Lets `fill` write at most so many bytes, which must fit within the limit, and keeps as many as it says; says how many. */
  write(bytes: number, fill: (room: Buffer) => number): number {
    const end = this.#used + bytes
    // Lets go of the old memory at once, where a new array would leave it to the garbage collector.
    if (end > this.#memory.byteLength) this.#memory = this.#memory.transfer(this.#capacityFor(end))
    const kept = fill(Buffer.from(this.#memory, this.#used, bytes))
    this.#used += kept
    return kept
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
