import type { ByteAccount } from './byte-budget.ts'
import { tooManyLinks } from './host-slots.ts'

/**
 * All bytes of a stream in memory of their own, or null as soon as there are more than `maxBytes`. Throws E_OVERLOADED
 * where there is no room for them beside those of other links.
 */
export async function readLink(
  body: AsyncIterable<Uint8Array>,
  { maxBytes, room }: { readonly maxBytes: number; readonly room: ByteAccount },
): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > maxBytes) return null
    if (!room.take(chunk.byteLength)) throw tooManyLinks()
    chunks.push(chunk)
  }
  // Buffer.concat would not do: a small buffer lies in Node's shared pool and cannot be handed to a worker thread.
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes
}
