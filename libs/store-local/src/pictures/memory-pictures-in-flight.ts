import { type Clock, overloaded, type PictureRef, type PicturesInFlight, type Waiting } from '@semblance/core'

export interface MemoryPicturesOptions {
  /** All pictures together. */
  readonly maxBytes: number
  /** The life of a picture that nobody drops; longer than the longest job. */
  readonly ttlMs: number
  readonly clock: Clock
}

/** About as long as a search takes: the place of one picture is then free. */
const RETRY_AFTER_S = 1

/**
 * Keeps the very bytes that it is given, without a copy: whoever puts or gets them must not change or transfer them.
 */
export function createMemoryPicturesInFlight(options: MemoryPicturesOptions): PicturesInFlight {
  return new MemoryPicturesInFlight(options)
}

interface Held {
  readonly bytes: Uint8Array
  /** The end of its life, on the monotonic clock. */
  readonly expiresAt: number
}

class MemoryPicturesInFlight implements PicturesInFlight {
  readonly #options: MemoryPicturesOptions
  /** The pictures in order of expiry, because all live equally long. */
  readonly #held = new Map<PictureRef, Held>()
  #usedBytes = 0
  #lastRef = 0
  #sweeper: NodeJS.Timeout | null = null

  constructor(options: MemoryPicturesOptions) {
    this.#options = options
  }

  async put(bytes: Uint8Array, waiting?: Waiting): Promise<PictureRef> {
    waiting?.signal?.throwIfAborted()
    this.#sweep()
    if (this.#usedBytes + bytes.byteLength > this.#options.maxBytes) {
      throw overloaded('the memory for pictures in flight', RETRY_AFTER_S)
    }
    this.#lastRef += 1
    const ref = `picture-${this.#lastRef}` as PictureRef
    this.#held.set(ref, { bytes, expiresAt: this.#options.clock.monotonic() + this.#options.ttlMs })
    this.#usedBytes += bytes.byteLength
    this.#sweepLater()
    return ref
  }

  async get(ref: PictureRef, waiting?: Waiting): Promise<Uint8Array | null> {
    waiting?.signal?.throwIfAborted()
    this.#sweep()
    return this.#held.get(ref)?.bytes ?? null
  }

  async drop(ref: PictureRef): Promise<void> {
    this.#remove(ref)
  }

  #remove(ref: PictureRef): void {
    this.#usedBytes -= this.#held.get(ref)?.bytes.byteLength ?? 0
    this.#held.delete(ref)
  }

  #sweep(): void {
    const now = this.#options.clock.monotonic()
    for (const [ref, { expiresAt }] of this.#held) {
      if (expiresAt > now) return
      this.#remove(ref)
    }
  }

  /** Faces must not stay in memory just because nobody came after them. */
  #sweepLater(): void {
    if (this.#sweeper !== null) return
    this.#sweeper = setTimeout(() => {
      this.#sweeper = null
      this.#sweep()
      if (this.#held.size > 0) this.#sweepLater()
    }, this.#options.ttlMs).unref()
  }
}
