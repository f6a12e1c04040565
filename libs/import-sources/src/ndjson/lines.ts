export type Line =
  | { readonly bytes: Buffer }
  /** It had more bytes than it may have; they were dropped as they came. */
  | { readonly bytes: null }

const LINE_FEED = 0x0a

/** Lines without their line feeds, at most `maxBytes` of each held. What follows the last line feed is a line, too. */
export async function* splitLines(pieces: AsyncGenerator<Buffer>, maxBytes: number): AsyncGenerator<Line> {
  let held: Buffer[] = []
  let length = 0
  const hold = (part: Buffer): void => {
    length += part.length
    if (length > maxBytes) held = []
    else held.push(part)
  }
  const take = (): Line => {
    const line = { bytes: length > maxBytes ? null : Buffer.concat(held) }
    held = []
    length = 0
    return line
  }
  for await (const piece of pieces) {
    let at = 0
    for (let end = piece.indexOf(LINE_FEED); end !== -1; end = piece.indexOf(LINE_FEED, at)) {
      hold(piece.subarray(at, end))
      yield take()
      at = end + 1
    }
    if (at < piece.length) hold(piece.subarray(at))
  }
  if (length > 0) yield take()
}
