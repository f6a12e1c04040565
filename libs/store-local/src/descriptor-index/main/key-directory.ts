import type { Key } from '../memory/uuid-key.ts'
import type { WordTable } from '../memory/word-table.ts'

const BUCKET_CAPACITY = 512

interface Bucket {
  readonly ordinals: Uint32Array
  count: number
}

/**
 * Gives each key a small number (its ordinal, reused after removal) and keeps the keys in order. A sorted list of
 * sorted buckets rather than a Map: a million keys cost some 8 bytes each beside the key itself, and no insertion ever
 * rehashes or moves more than one bucket, so none takes longer than a few microseconds.
 */
export class KeyDirectory {
  readonly #keys: WordTable
  readonly #buckets: Bucket[] = []
  #size = 0
  #end = 0
  /** Freed ordinals are chained through their first key word, each ordinal + 1. */
  #firstFree = 0

  /** @param keys a table four words wide that nobody else writes */
  constructor(keys: WordTable) {
    this.#keys = keys
  }

  get size(): number {
    return this.#size
  }

  /** All ordinals in use are below. */
  get end(): number {
    return this.#end
  }

  keyOf(ordinal: number): Key {
    const keys = this.#keys
    return [keys.get(ordinal, 0), keys.get(ordinal, 1), keys.get(ordinal, 2), keys.get(ordinal, 3)]
  }

  /** -1 for a key that is not there. */
  find(key: Key): number {
    const bucket = this.#buckets[this.#bucketOf(key)]
    if (bucket === undefined) return -1
    const place = this.#placeIn(bucket, key)
    const ordinal = bucket.ordinals[place] ?? 0
    return place < bucket.count && this.#compare(ordinal, key) === 0 ? ordinal : -1
  }

  /** The key must not be there yet. */
  add(key: Key): number {
    const ordinal = this.#takeOrdinal()
    for (let word = 0; word < 4; word++) this.#keys.set(ordinal, word, key[word] ?? 0)
    const at = this.#bucketOf(key)
    const bucket = this.#buckets[at] ?? this.#insertBucket(0)
    if (bucket.count < BUCKET_CAPACITY) insert(bucket, this.#placeIn(bucket, key), ordinal)
    else this.#addToFull(at, bucket, ordinal)
    this.#size++
    return ordinal
  }

  remove(ordinal: number): void {
    const key = this.keyOf(ordinal)
    const at = this.#bucketOf(key)
    const bucket = this.#buckets[at]
    if (bucket === undefined) return
    const place = this.#placeIn(bucket, key)
    bucket.ordinals.copyWithin(place, place + 1, bucket.count)
    bucket.count--
    if (bucket.count === 0) this.#buckets.splice(at, 1)
    this.#keys.set(ordinal, 0, this.#firstFree)
    for (let word = 1; word < 4; word++) this.#keys.set(ordinal, word, 0)
    this.#firstFree = ordinal + 1
    this.#size--
  }

  /** Keys by increasing order, after the given one or from the start. */
  listAfter(after: Key | null, limit: number): Key[] {
    const found: Key[] = []
    let at = after === null ? 0 : this.#bucketOf(after)
    let place = after === null ? 0 : this.#placeAfter(at, after)
    while (found.length < limit) {
      const bucket = this.#buckets[at]
      if (bucket === undefined) break
      for (; place < bucket.count && found.length < limit; place++)
        found.push(this.keyOf(bucket.ordinals[place] ?? 0))
      place = 0
      at++
    }
    return found
  }

  #takeOrdinal(): number {
    const freed = this.#firstFree - 1
    if (freed < 0) {
      this.#keys.reserve(this.#end)
      return this.#end++
    }
    this.#firstFree = this.#keys.get(freed, 0)
    return freed
  }

  /** Keys that arrive in order (UUIDv7 do) leave full buckets behind; others split a bucket in halves. */
  #addToFull(at: number, bucket: Bucket, ordinal: number): void {
    const key = this.keyOf(ordinal)
    const place = this.#placeIn(bucket, key)
    const next = this.#insertBucket(at + 1)
    if (place === BUCKET_CAPACITY) {
      insert(next, 0, ordinal)
      return
    }
    const half = BUCKET_CAPACITY >>> 1
    next.ordinals.set(bucket.ordinals.subarray(half))
    next.count = BUCKET_CAPACITY - half
    bucket.count = half
    if (place <= half) insert(bucket, place, ordinal)
    else insert(next, place - half, ordinal)
  }

  #insertBucket(at: number): Bucket {
    const bucket = { ordinals: new Uint32Array(BUCKET_CAPACITY), count: 0 }
    this.#buckets.splice(at, 0, bucket)
    return bucket
  }

  /** The last bucket whose first key is at or before this one; 0 if there is none. */
  #bucketOf(key: Key): number {
    let low = 0
    let high = this.#buckets.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#compare(this.#buckets[middle]?.ordinals[0] ?? 0, key) <= 0) low = middle + 1
      else high = middle
    }
    return Math.max(0, low - 1)
  }

  /** The first place in the bucket whose key is at or after this one; the bucket's count if there is none. */
  #placeIn(bucket: Bucket, key: Key): number {
    let low = 0
    let high = bucket.count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#compare(bucket.ordinals[middle] ?? 0, key) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  #placeAfter(at: number, key: Key): number {
    const bucket = this.#buckets[at]
    if (bucket === undefined) return 0
    const place = this.#placeIn(bucket, key)
    const isThere = place < bucket.count && this.#compare(bucket.ordinals[place] ?? 0, key) === 0
    return isThere ? place + 1 : place
  }

  #compare(ordinal: number, key: Key): number {
    const keys = this.#keys
    return (
      keys.get(ordinal, 0) - key[0] ||
      keys.get(ordinal, 1) - key[1] ||
      keys.get(ordinal, 2) - key[2] ||
      keys.get(ordinal, 3) - key[3]
    )
  }
}

function insert(bucket: Bucket, place: number, ordinal: number): void {
  bucket.ordinals.copyWithin(place + 1, place, bucket.count)
  bucket.ordinals[place] = ordinal
  bucket.count++
}
