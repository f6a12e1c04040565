import { overloaded } from '@semblance/core'
import { ByteRoom, type Place } from '../bodies/byte-room.ts'
import type { StreamParts } from '../endpoint/reply.ts'

/** An export with pictures holds one at a time; few are larger. */
const PICTURE_BYTES = 20_000_000
const EXPORTS_AT_ONCE = 4
const COME_BACK_S = 30

/** The memory that exports with pictures take: four may run at once. */
export class ExportRoom {
  readonly #room: ByteRoom

  /** @param now milliseconds on a clock that never jumps */
  constructor(now: () => number = () => performance.now()) {
    this.#room = new ByteRoom(EXPORTS_AT_ONCE * PICTURE_BYTES, now)
  }

  /**
   * Throws E_OVERLOADED if there is no room. It is taken by `enter`, or with the first part that is asked for, so that an answer
   * which nobody takes, such as that to a HEAD, takes none. Where others wait, whoever takes less than 100 KB a second is cut off:
   * the signal that `begin` is given says so, and `cut` is called, since a part that waits to be sent would be held for longer
   * than its room. What the server needs to make a part counts for nobody.
   */
  take(
    begin: (signal: AbortSignal) => AsyncIterable<Uint8Array>,
  ): Required<StreamParts> & AsyncIterable<Uint8Array> {
    const room = this.#room
    if (!room.hasRoom(PICTURE_BYTES)) throw noRoom()
    const putOut = new AbortController()
    let taken: Place | null = null
    const enter = (cut: (reason: Error) => void): Place => {
      if (taken !== null) return taken
      taken = room.take(PICTURE_BYTES, () => {
        const reason = new Error('an export was taken too slowly, and others waited')
        putOut.abort(reason)
        cut(reason)
      })
      // Somebody else was quicker since.
      if (taken === null) throw noRoom()
      taken.settle()
      return taken
    }
    async function* moving() {
      const place = enter(() => {})
      try {
        for await (const part of begin(putOut.signal)) {
          putOut.signal.throwIfAborted()
          place.begin()
          yield part
          place.move(part.byteLength)
          place.settle()
        }
      } finally {
        place.leave()
      }
    }
    return Object.assign(moving(), { enter: (cut: (reason: Error) => void) => void enter(cut) })
  }
}

function noRoom() {
  return overloaded('the room for exports', COME_BACK_S)
}
