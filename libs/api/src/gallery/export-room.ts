import { overloaded } from '@semblance/core'
import { ByteRoom } from '../bodies/byte-room.ts'

/** An export with pictures holds one at a time; few are larger. */
const PICTURE_BYTES = 20_000_000
const EXPORTS_AT_ONCE = 4
const COME_BACK_S = 30

/** The memory that exports with pictures take: four may run at once. */
export class ExportRoom {
  readonly #room = new ByteRoom(EXPORTS_AT_ONCE * PICTURE_BYTES, () => performance.now())

  /**
   * Throws E_OVERLOADED if there is no room. Where others wait, whoever takes less than 100 KB a second is cut off: the
   * signal that `begin` is given says so.
   */
  take(begin: (signal: AbortSignal) => AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    const putOut = new AbortController()
    const place = this.#room.take(PICTURE_BYTES, () =>
      putOut.abort(new Error('an export was taken too slowly, and others waited')),
    )
    if (place === null) throw overloaded('the room for exports', COME_BACK_S)
    return (async function* moving() {
      try {
        for await (const part of begin(putOut.signal)) {
          putOut.signal.throwIfAborted()
          yield part
          place.move(part.byteLength)
        }
      } finally {
        place.leave()
      }
    })()
  }
}
