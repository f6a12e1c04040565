/**
 * What comes of a body, as it comes. One of which nothing has come for `idleMs` is broken off, since whoever sends has gone; the
 * time for which nobody reads on does not count.
 */
export async function* unlessIdle(
  body: AsyncIterable<Uint8Array> & { destroy(): void },
  idleMs: number,
): AsyncGenerator<Uint8Array> {
  let late = setTimeout(() => body.destroy(), idleMs)
  try {
    for await (const piece of body) {
      clearTimeout(late)
      yield piece
      late = setTimeout(() => body.destroy(), idleMs)
    }
  } finally {
    clearTimeout(late)
  }
}
