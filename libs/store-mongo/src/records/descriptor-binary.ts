import { endianness } from 'node:os'
import { Binary } from 'mongodb'

const IS_BIG_ENDIAN = endianness() === 'BE'
const BYTES_PER_VALUE = Float32Array.BYTES_PER_ELEMENT

/** Writes little-endian float32, whatever the machine. */
export function binaryOfDescriptor(values: Float32Array): Binary {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength)
  return new Binary(IS_BIG_ENDIAN ? Buffer.from(bytes).swap32() : bytes)
}

/** What a document holds may be anything. */
export function isDescriptor(value: unknown): value is Binary {
  return value instanceof Binary && value.length() % BYTES_PER_VALUE === 0
}

/** A copy: the driver's bytes need not lie where a Float32Array may begin, and hold the whole reply in memory. */
export function descriptorOfBinary(binary: Binary): Float32Array {
  const bytes = Buffer.from(new ArrayBuffer(binary.length()))
  bytes.set(binary.buffer.subarray(0, binary.length()))
  if (IS_BIG_ENDIAN) bytes.swap32()
  return new Float32Array(bytes.buffer, 0, bytes.length / BYTES_PER_VALUE)
}
