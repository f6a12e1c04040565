import type { Clock } from '../ports/clock.ts'
import type { Import } from './import.ts'

/**
 * While the store is away, claims are counted that nobody works under: it writes them and answers too late, or they run out
 * before they can be extended or given back. For so long after it, no row is given up for how often it was claimed.
 */
const CLAIMS_PROVE_NOTHING_MS = 600_000

/** When the store was last away. */
export class StoreAbsence {
  readonly #clock: Clock
  #seenAt = Number.NEGATIVE_INFINITY

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** This process met it. */
  note(): void {
    this.#seenAt = this.#clock.monotonic()
  }

  /** By what this process met, or another one noted in the import. */
  wasLately({ heldUp }: Import): boolean {
    const notedMs = heldUp?.by === 'store' ? this.#clock.now() - heldUp.at : Number.POSITIVE_INFINITY
    return Math.min(this.#clock.monotonic() - this.#seenAt, notedMs) < CLAIMS_PROVE_NOTHING_MS
  }
}
