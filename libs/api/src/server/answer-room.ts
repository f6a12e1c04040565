import type { Response } from 'express'
import { ByteRoom, type Place } from '../bodies/byte-room.ts'

/** Bytes of all answers that are made and not taken yet. */
const MAX_ANSWERS_BYTES = 96_000_000

/** The memory that answers take until their callers have them. */
export class AnswerRoom {
  readonly #room: ByteRoom

  constructor(maxBytes = MAX_ANSWERS_BYTES, now: () => number = () => performance.now()) {
    this.#room = new ByteRoom(maxBytes, now)
  }

  /** A place for the answer of one request. It is given back when its connection has done with it. */
  placeFor(res: Response): AnswerPlace {
    return new AnswerPlace(this.#room, res)
  }
}

export class AnswerPlace {
  readonly #room: ByteRoom
  readonly #res: Response
  #place: Place | null = null

  constructor(room: ByteRoom, res: Response) {
    this.#room = room
    this.#res = res
  }

  /**
   * Room for so many bytes in all; false if there is none, and then what there was is given back at once: of many answers
   * that grow side by side some must come to an end. Who takes an answer too slowly while others wait is cut off.
   */
  ensure(bytes: number): boolean {
    if (this.#place === null) return this.#take(bytes)
    if (bytes <= this.#place.bytes || this.#place.resize(bytes)) return true
    this.#place.leave()
    this.#place = null
    return false
  }

  #take(bytes: number): boolean {
    const place = this.#room.take(bytes, () => this.#res.destroy())
    this.#place = place
    if (place === null) return false
    // The answer is still to be made, and that is not the caller's to hurry.
    place.settle()
    this.#res.once('close', () => place.leave())
    return true
  }

  /** The answer is made, and begins to go out. */
  begin(): void {
    this.#place?.begin()
  }

  /** The caller has taken so many more. */
  move(bytes: number): void {
    this.#place?.move(bytes)
  }
}
