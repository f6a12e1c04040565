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

  /** Room for so many bytes in all; false if there is none. Who takes an answer too slowly while others wait is cut off. */
  ensure(bytes: number): boolean {
    if (this.#place !== null) return bytes <= this.#place.bytes || this.#place.resize(bytes)
    this.#place = this.#room.take(bytes, () => this.#res.destroy())
    const place = this.#place
    if (place !== null) this.#res.once('close', () => place.leave())
    return place !== null
  }

  /** The caller has taken so many more. */
  move(bytes: number): void {
    this.#place?.move(bytes)
  }
}
