import type { Clock } from '@semblance/core'

interface Kept {
  readonly bytes: Uint8Array
  /** Of the monotonic clock, milliseconds. */
  readonly until: number
}

/** What an entry takes beside its bytes: key, map, object. */
const ENTRY_BYTES = 300

/**
 * Small pictures in memory, within a number of bytes; whatever was asked for longest ago makes room. Nothing stays longer
 * than `keepMs`, since nobody tells this process of what others delete. It never reaches a disk.
 */
export class ThumbnailCache {
  readonly #maxBytes: number
  readonly #keepMs: number
  readonly #clock: Clock
  /** In the order in which they were asked for. */
  readonly #kept = new Map<string, Kept>()
  #bytes = 0
  #sweep: NodeJS.Timeout | null = null

  constructor(bounds: { readonly maxBytes: number; readonly keepMs: number }, clock: Clock) {
    this.#maxBytes = bounds.maxBytes
    this.#keepMs = bounds.keepMs
    this.#clock = clock
  }

  get bytes(): number {
    return this.#bytes
  }

  get(key: string): Uint8Array | null {
    const kept = this.#kept.get(key)
    if (kept === undefined) return null
    this.#kept.delete(key)
    if (kept.until <= this.#clock.monotonic()) {
      this.#bytes -= sizeOf(kept)
      return null
    }
    this.#kept.set(key, kept)
    return kept.bytes
  }

  put(key: string, bytes: Uint8Array): void {
    const kept = { bytes, until: this.#clock.monotonic() + this.#keepMs }
    this.#drop(key)
    if (sizeOf(kept) > this.#maxBytes) return
    this.#kept.set(key, kept)
    this.#bytes += sizeOf(kept)
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#maxBytes) break
      this.#drop(oldest)
    }
    this.#sweepLater()
  }

  /** Drops what is over; done by a timer, too, so that it does not wait for the next request. */
  sweep(): void {
    const now = this.#clock.monotonic()
    for (const [key, { until }] of this.#kept) if (until <= now) this.#drop(key)
  }

  #drop(key: string): void {
    const kept = this.#kept.get(key)
    if (kept === undefined) return
    this.#kept.delete(key)
    this.#bytes -= sizeOf(kept)
  }

  #sweepLater(): void {
    if (this.#sweep !== null) return
    this.#sweep = setTimeout(() => {
      this.#sweep = null
      this.sweep()
      if (this.#kept.size > 0) this.#sweepLater()
    }, this.#keepMs / 2).unref()
  }
}

function sizeOf({ bytes }: Kept): number {
  return bytes.byteLength + ENTRY_BYTES
}
