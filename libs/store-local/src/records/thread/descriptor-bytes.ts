import { endianness } from 'node:os'

const IS_BIG_ENDIAN = endianness() === 'BE'
const BYTES_PER_VALUE = 4

/** Descriptors are little-endian float32, whatever the machine: a data folder may move between machines. */
export function bytesOfDescriptor(values: Float32Array): Buffer {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength)
  return IS_BIG_ENDIAN ? Buffer.from(bytes).swap32() : bytes
}

/** Bytes of another number are no descriptor. */
export function isDescriptor(blob: Uint8Array): boolean {
  return blob.byteLength % BYTES_PER_VALUE === 0
}

/** Descriptors side by side in one buffer, so that a whole page of them can be handed over without a copy. */
export function descriptorsFromBytes(blobs: readonly Uint8Array[]): readonly Float32Array[] {
  const total = blobs.reduce((sum, blob) => sum + blob.byteLength, 0)
  const buffer = new ArrayBuffer(total)
  const bytes = Buffer.from(buffer)
  let offset = 0
  const views = blobs.map((blob) => {
    bytes.set(blob, offset)
    const view = new Float32Array(buffer, offset, blob.byteLength / BYTES_PER_VALUE)
    offset += blob.byteLength
    return view
  })
  if (IS_BIG_ENDIAN) bytes.swap32()
  return views
}
