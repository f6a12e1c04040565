import { orAborted, type Waiting } from '@semblance/core'
import { SourceFault } from '../source-fault.ts'

/** Bytes that come piece by piece; any `Readable` of bytes is one. */
export type ByteSource = AsyncIterable<Uint8Array>

/** A parser makes objects out of a whole piece before anybody takes the first: this bounds them. */
const PIECE_BYTES = 65_536

/**
 * The source in pieces of at most 64 KB. An abort rejects with the signal's reason at once, whatever the source does, and
 * lets go of the source. A source that fails becomes the fault `interrupted`; a fault of ours passes through.
 */
export async function* readBytes(source: ByteSource, { signal }: Waiting): AsyncGenerator<Buffer> {
  const pieces = source[Symbol.asyncIterator]()
  let hasEnded = false
  try {
    for (;;) {
      const next = await orAborted(nextOf(pieces, signal), signal)
      if (next.done === true) break
      yield* slices(next.value)
    }
    hasEnded = true
  } finally {
    if (!hasEnded) letGo(source, pieces)
  }
}

async function nextOf(
  pieces: AsyncIterator<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<IteratorResult<Uint8Array>> {
  try {
    return await pieces.next()
  } catch (cause) {
    if (cause instanceof SourceFault || signal?.aborted === true) throw cause
    throw new SourceFault('interrupted', 'the bytes stopped coming before their end', cause)
  }
}

function* slices(piece: Uint8Array): Generator<Buffer> {
  const whole = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
  for (let at = 0; at < whole.length; at += PIECE_BYTES) yield whole.subarray(at, at + PIECE_BYTES)
}

/** A stream that waits for its sender never answers `return`, but it can be destroyed. */
function letGo(source: ByteSource, pieces: AsyncIterator<Uint8Array>): void {
  if ('destroy' in source && typeof source.destroy === 'function') source.destroy()
  // Nobody waits for it, and nobody reads on: how a source takes its end has no effect.
  pieces.return?.().catch(() => {})
}
