import { FREE_UNPACKED_BYTES, type SourceBounds } from '../source-bounds.ts'
import { SourceFault } from '../source-fault.ts'

/** Counts what comes out of a source against what went in. */
export class UnpackedSize {
  readonly #bounds: SourceBounds
  #packed = 0
  #unpacked = 0

  constructor(bounds: SourceBounds) {
    this.#bounds = bounds
  }

  addPacked(bytes: number): void {
    this.#packed += bytes
  }

  /** Throws the fault `too-large`. */
  addUnpacked(bytes: number): void {
    this.#unpacked += bytes
    const { unpackedBytes, ratio } = this.#bounds
    if (this.#unpacked > unpackedBytes) {
      throw new SourceFault('too-large', `unpacked it has more than ${unpackedBytes} bytes`)
    }
    if (this.#unpacked > FREE_UNPACKED_BYTES && this.#unpacked > ratio * this.#packed) {
      throw new SourceFault('too-large', `unpacked it has more than ${ratio} times its bytes`)
    }
  }
}
