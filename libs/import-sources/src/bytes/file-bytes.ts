import type { FileHandle } from 'node:fs/promises'

const PIECE_BYTES = 65_536

/**
 * The bytes of an open file from its beginning. The file stays open, so that several may read it at once and each may leave
 * early: a stream of Node closes the handle under all others when it is let go of, whatever it is told.
 */
export async function* fileBytes(file: FileHandle): AsyncGenerator<Buffer> {
  for (let position = 0; ; ) {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(PIECE_BYTES), 0, PIECE_BYTES, position)
    if (bytesRead === 0) return
    position += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}
