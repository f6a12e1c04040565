/** 128 bits as four 32-bit words; ordering by words is ordering the lower-case UUIDs as text. */
export type Key = readonly [number, number, number, number]

const DIGITS = '0123456789abcdef'
const DASH = '-'.charCodeAt(0)
const DIGIT_OF_CODE = new Int8Array(128).fill(-1)
for (let digit = 0; digit < 16; digit++) DIGIT_OF_CODE[DIGITS.charCodeAt(digit)] = digit

const BYTE_TEXT: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
)

/**
 * Answers null for anything but a UUID in lower case: only those have one spelling, so that the id answered is the id
 * given.
 */
export function uuidKey(text: string): Key | null {
  if (text.length !== 36) return null
  const words: [number, number, number, number] = [0, 0, 0, 0]
  let digits = 0
  for (let at = 0; at < 36; at++) {
    const code = text.charCodeAt(at)
    if (at === 8 || at === 13 || at === 18 || at === 23) {
      if (code !== DASH) return null
      continue
    }
    const digit = DIGIT_OF_CODE[code] ?? -1
    if (digit < 0) return null
    const word = (digits++ >>> 3) as 0 | 1 | 2 | 3
    words[word] = ((words[word] << 4) | digit) >>> 0
  }
  return words
}

export function uuidText(key: Key): string {
  const [a, b, c, d] = key
  return `${hex(a >>> 16)}${hex(a)}-${hex(b >>> 16)}-${hex(b)}-${hex(c >>> 16)}-${hex(c)}${hex(d >>> 16)}${hex(d)}`
}

function hex(half: number): string {
  return `${BYTE_TEXT[(half >>> 8) & 255]}${BYTE_TEXT[half & 255]}`
}
