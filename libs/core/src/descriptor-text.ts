const BYTES_OF_FLOAT = 4

/** Float32, little endian whatever the machine, in Base64: to the bit. */
export function textOfValues(values: Float32Array): string {
  const bytes = Buffer.alloc(values.length * BYTES_OF_FLOAT)
  for (const [i, value] of values.entries()) bytes.writeFloatLE(value, i * BYTES_OF_FLOAT)
  return bytes.toString('base64')
}

/** The inverse of `textOfValues`; null for what no `textOfValues` wrote. What the numbers are is not looked at. */
export function valuesOfText(text: string): Float32Array | null {
  const bytes = Buffer.from(text, 'base64')
  // Node passes over what is no Base64.
  if (bytes.length % BYTES_OF_FLOAT !== 0 || bytes.toString('base64') !== text) return null
  return Float32Array.from({ length: bytes.length / BYTES_OF_FLOAT }, (_, i) =>
    bytes.readFloatLE(i * BYTES_OF_FLOAT),
  )
}
