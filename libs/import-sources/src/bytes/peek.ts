/** The first bytes of a source, and the whole of it with those. */
export interface Peeked {
  /** At most the bytes asked for, fewer only if the source has fewer. */
  readonly head: Buffer
  readonly all: AsyncGenerator<Buffer>
}

/** Stops before so many bytes have come if `isEnough` says so of the latest piece. */
export async function peek(
  pieces: AsyncGenerator<Buffer>,
  bytes: number,
  isEnough: (piece: Buffer) => boolean = () => false,
): Promise<Peeked> {
  const held: Buffer[] = []
  let length = 0
  while (length < bytes) {
    const next = await pieces.next()
    if (next.done === true) break
    held.push(next.value)
    length += next.value.length
    if (isEnough(next.value)) break
  }
  return { head: Buffer.concat(held).subarray(0, bytes), all: joined(held, pieces) }
}

async function* joined(held: readonly Buffer[], rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* held
    yield* rest
  } finally {
    await rest.return(undefined)
  }
}

/** The source without its first bytes. */
export async function* skip(pieces: AsyncGenerator<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes
  for await (const piece of pieces) {
    if (piece.length > left) yield piece.subarray(left)
    left = Math.max(0, left - piece.length)
  }
}
