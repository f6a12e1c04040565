/** Keeps the largest of many numbers without keeping all of them. */
export class Largest {
  readonly #keep: number
  #values: number[] = []
  #floor = Number.NEGATIVE_INFINITY
  count = 0

  constructor(keep: number) {
    this.#keep = keep
  }

  add(value: number): void {
    this.count++
    if (value <= this.#floor) return
    this.#values.push(value)
    if (this.#values.length > 2 * this.#keep) this.#trim()
  }

  /** Largest first. */
  sorted(): readonly number[] {
    this.#trim()
    return this.#values
  }

  #trim(): void {
    this.#values = this.#values.toSorted((one, other) => other - one).slice(0, this.#keep)
    if (this.#values.length === this.#keep) this.#floor = this.#values.at(-1) ?? this.#floor
  }
}

/**
 * The cosine above which lies the given share of all numbers added: the false match rate's operating point.
 * `largest` must have kept that many.
 */
export function operatingPoint(largest: Largest, falseMatchRate: number): number {
  return largest.sorted()[Math.floor(largest.count * falseMatchRate)] ?? Number.NaN
}
