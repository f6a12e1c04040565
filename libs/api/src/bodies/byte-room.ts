/** A transfer may be slow to begin with. */
const GRACE_MS = 5_000
/** 100 KB/s: slower than any line that is worth keeping others out for. */
const SLOWEST_BYTES_PER_MS = 100

/** Room in memory for what comes in or goes out, counted in bytes and shared by all connections. */
export class ByteRoom {
  readonly #maxBytes: number
  readonly #now: () => number
  readonly #places = new Set<Place>()
  #taken = 0

  /** @param now milliseconds on a clock that never jumps */
  constructor(maxBytes: number, now: () => number) {
    this.#maxBytes = maxBytes
    this.#now = now
  }

  /**
   * Null if there is no room. Whoever moves too slowly loses its place to others, told by `onPutOut`: else a few that
   * never end would keep everybody out.
   */
  take(bytes: number, onPutOut: () => void): Place | null {
    if (!this.#makeRoom(bytes)) return null
    this.#taken += bytes
    const place: Place = new Place(bytes, {
      now: this.#now,
      onPutOut,
      change: (difference) => this.#change(place, difference),
      leave: () => this.#leave(place),
    })
    this.#places.add(place)
    return place
  }

  /** Whether `take` would find room. Nobody is put out for the question. */
  hasRoom(bytes: number): boolean {
    return this.#toPutOut(bytes) !== null
  }

  /** `growing` asks for it, and is not put out for itself. */
  #makeRoom(bytes: number, growing?: Place): boolean {
    const slow = this.#toPutOut(bytes, growing)
    for (const place of slow ?? []) place.putOut()
    return slow !== null
  }

  /** As many of those that move too slowly as have to go, the first to come first; null: it would not be enough. */
  #toPutOut(bytes: number, growing?: Place): readonly Place[] | null {
    let lacking = this.#taken + bytes - this.#maxBytes
    if (lacking <= 0) return []
    const now = this.#now()
    const slow: Place[] = []
    for (const place of this.#places) {
      if (place === growing || !place.isSlow(now)) continue
      slow.push(place)
      lacking -= place.bytes
      if (lacking <= 0) return slow
    }
    return null
  }

  #change(place: Place, difference: number): boolean {
    if (!this.#places.has(place) || (difference > 0 && !this.#makeRoom(difference, place))) return false
    this.#taken += difference
    return true
  }

  #leave(place: Place): void {
    if (this.#places.delete(place)) this.#taken -= place.bytes
  }
}

interface PlaceDeps {
  readonly now: () => number
  readonly onPutOut: () => void
  readonly change: (difference: number) => boolean
  readonly leave: () => void
}

export class Place {
  readonly #deps: PlaceDeps
  #bytes: number
  /** Since when the other side is awaited; null while it is not. */
  #awaitedSince: number | null
  /** For how long it was awaited before. */
  #awaitedMs = 0
  #moved = 0

  constructor(bytes: number, deps: PlaceDeps) {
    this.#bytes = bytes
    this.#deps = deps
    this.#awaitedSince = deps.now()
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Notes that so many bytes more have come in or gone out. */
  move(bytes: number): void {
    this.#moved += bytes
  }

  /** False if there is no room for it, or the place is lost. */
  resize(bytes: number): boolean {
    if (!this.#deps.change(bytes - this.#bytes)) return false
    this.#bytes = bytes
    return true
  }

  /** Nothing is awaited from the other side, any more or as yet: it cannot be slow. */
  settle(): void {
    if (this.#awaitedSince !== null) this.#awaitedMs += this.#deps.now() - this.#awaitedSince
    this.#awaitedSince = null
  }

  /** The other side is awaited from now on. */
  begin(): void {
    this.#awaitedSince ??= this.#deps.now()
  }

  isSlow(now: number): boolean {
    if (this.#awaitedSince === null) return false
    const awaitedMs = this.#awaitedMs + now - this.#awaitedSince
    return awaitedMs > GRACE_MS && this.#moved < awaitedMs * SLOWEST_BYTES_PER_MS
  }

  putOut(): void {
    this.leave()
    this.#deps.onPutOut()
  }

  /** May be called more than once. */
  leave(): void {
    this.#deps.leave()
  }
}
