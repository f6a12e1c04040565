import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readBmpHeader } from '../headers/bmp-header.ts'
import { type Bitmap, bitmapFile } from '../testing/bitmaps.ts'
import { decodeBmp } from './decode-bmp.ts'

const [RED, GREEN, BLUE, WHITE, BLACK] = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 255],
  [0, 0, 0],
] as const

/** Colors by row and column. */
function colorsOf(bitmap: Bitmap): number[][][] | null {
  const picture = decodeBmp(bitmapFile(bitmap))
  if (picture === null) return null
  const { data, width, height, channels } = picture
  return Array.from({ length: height }, (_row, y) =>
    Array.from({ length: width }, (_column, x) => {
      const at = (y * width + x) * channels
      return [...data.subarray(at, at + channels)]
    }),
  )
}

describe('every depth', () => {
  it('1 bit: a palette of two, rows padded to four bytes, the bottom row first', () => {
    const pixels = [0b01000000, 0, 0, 0, 0b10100000, 0, 0, 0]
    const colors = colorsOf({ width: 3, height: 2, bitsPerPixel: 1, palette: [BLACK, RED], pixels })
    expect(colors).toEqual([
      [RED, BLACK, RED],
      [BLACK, RED, BLACK],
    ])
  })

  it('4 bits: two pixels a byte, the left one in the upper half', () => {
    const pixels = [0x01, 0x20, 0, 0]
    expect(colorsOf({ width: 3, height: 1, bitsPerPixel: 4, palette: [RED, GREEN, BLUE], pixels })).toEqual([
      [RED, GREEN, BLUE],
    ])
  })

  it('8 bits: a byte a pixel; an index without a color is black', () => {
    const pixels = [1, 0, 200, 0]
    expect(colorsOf({ width: 3, height: 1, bitsPerPixel: 8, palette: [RED, GREEN], pixels })).toEqual([
      [GREEN, RED, BLACK],
    ])
  })

  it('16 bits: five a color without masks, six for green with them', () => {
    const five = [0x00, 0x7c, 0xe0, 0x03, 0x1f, 0x00, 0xff, 0x7f]
    expect(colorsOf({ width: 4, height: 1, bitsPerPixel: 16, pixels: five })).toEqual([
      [RED, GREEN, BLUE, WHITE],
    ])
    const six = [0x00, 0xf8, 0xe0, 0x07, 0x1f, 0x00, 0x08, 0x42]
    const masks = [0xf800, 0x07e0, 0x001f]
    expect(
      colorsOf({ width: 4, height: 1, bitsPerPixel: 16, compression: 3, masks, pixels: six })?.[0],
    ).toEqual([RED, GREEN, BLUE, [66, 65, 66]])
  })

  it('24 bits: blue, green, red', () => {
    const pixels = [0, 0, 255, 0, 255, 0, 0, 0]
    expect(colorsOf({ width: 2, height: 1, bitsPerPixel: 24, pixels })).toEqual([[RED, GREEN]])
  })

  it('32 bits: the fourth byte means nothing without masks', () => {
    const pixels = [0, 0, 255, 0, 255, 0, 0, 9]
    expect(colorsOf({ width: 2, height: 1, bitsPerPixel: 32, pixels })).toEqual([[RED, BLUE]])
  })

  it('32 bits with an alpha mask keep transparency, unless all would be invisible', () => {
    const masks = [0xff0000, 0xff00, 0xff, 0xff000000]
    const shape = { width: 2, height: 1, bitsPerPixel: 32, compression: 3, masks, headerBytes: 124 }
    expect(colorsOf({ ...shape, pixels: [0, 0, 255, 128, 255, 0, 0, 0] })).toEqual([
      [
        [255, 0, 0, 128],
        [0, 0, 255, 0],
      ],
    ])
    expect(colorsOf({ ...shape, pixels: [0, 0, 255, 0, 255, 0, 0, 0] })?.[0]).toEqual([
      [255, 0, 0, 255],
      [0, 0, 255, 255],
    ])
  })

  it('masks in an unusual order are followed', () => {
    const masks = [0xff, 0xff00, 0xff0000]
    const shape = { width: 1, height: 1, bitsPerPixel: 32, compression: 3, masks }
    expect(colorsOf({ ...shape, pixels: [10, 20, 30, 0] })).toEqual([[[10, 20, 30]]])
  })

  it('the header of OS/2, with three bytes a palette entry', () => {
    const pixels = [0b10000000, 0, 0, 0]
    const shape = { width: 2, height: 1, bitsPerPixel: 1, headerBytes: 12 }
    expect(colorsOf({ ...shape, palette: [BLUE, WHITE], pixels })).toEqual([[WHITE, BLUE]])
  })

  it('a negative height puts the first row on top', () => {
    const pixels = [0, 0, 255, 0, 0, 255, 0, 0]
    expect(colorsOf({ width: 1, height: -2, bitsPerPixel: 24, pixels })).toEqual([[RED], [GREEN]])
  })

  it('the last row may lack its padding', () => {
    expect(colorsOf({ width: 1, height: 1, bitsPerPixel: 24, pixels: [0, 0, 255] })).toEqual([[RED]])
  })
})

describe('run-length', () => {
  const palette = [BLACK, RED, GREEN, BLUE]

  it('8 bits: runs, literals padded to two bytes, ends of lines', () => {
    const pixels = [3, 1, 0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0, 1]
    const shape = { width: 3, height: 2, bitsPerPixel: 8, compression: 1, palette }
    expect(colorsOf({ ...shape, pixels })).toEqual([
      [RED, GREEN, BLUE],
      [RED, RED, RED],
    ])
  })

  it('4 bits: runs alternate between two colors', () => {
    const pixels = [4, 0x12, 0, 3, 0x31, 0x20, 0, 0, 0, 1]
    const shape = { width: 7, height: 1, bitsPerPixel: 4, compression: 2, palette }
    expect(colorsOf({ ...shape, pixels })).toEqual([[RED, GREEN, RED, GREEN, BLUE, RED, GREEN]])
  })

  it('moves leave what lies between at the first color', () => {
    const pixels = [1, 1, 0, 2, 1, 1, 1, 2, 0, 1]
    const shape = { width: 3, height: 2, bitsPerPixel: 8, compression: 1, palette }
    expect(colorsOf({ ...shape, pixels })).toEqual([
      [BLACK, BLACK, GREEN],
      [RED, BLACK, BLACK],
    ])
  })

  it('what runs over the edge of a line or of the picture is dropped', () => {
    const pixels = [200, 1, 0, 0, 200, 2, 0, 0, 9, 3, 0, 1]
    const shape = { width: 2, height: 2, bitsPerPixel: 8, compression: 1, palette }
    expect(colorsOf({ ...shape, pixels })).toEqual([
      [GREEN, GREEN],
      [RED, RED],
    ])
  })

  it('a stream that ends before the picture does is broken', () => {
    const shape = { width: 2, height: 2, bitsPerPixel: 8, compression: 1, palette }
    expect(colorsOf({ ...shape, pixels: [2, 1, 0, 0, 1, 1] })).toBeNull()
  })
})

describe('hostile headers', () => {
  const pixels = new Uint8Array(64)

  it.each<[string, Partial<Bitmap>]>([
    ['no width', { width: 0 }],
    ['a negative width', { width: -4 }],
    ['no height', { height: 0 }],
    ['a depth that there is none of', { bitsPerPixel: 7 }],
    ['no depth', { bitsPerPixel: 0 }],
    ['a JPEG inside', { compression: 4 }],
    ['a compression that there is none of', { compression: 99 }],
    ['runs of 24 bits', { compression: 1 }],
    ['runs from the top', { compression: 1, bitsPerPixel: 8, height: -2 }],
    ['masks of 8 bits', { compression: 3, bitsPerPixel: 8 }],
    ['a header of no known size', { headerBytes: 41 }],
  ])('%s is no bitmap', (_what, wishes) => {
    expect(readBmpHeader(bitmapFile({ width: 2, height: 2, bitsPerPixel: 24, pixels, ...wishes }))).toBeNull()
  })

  it.each<[string, Partial<Bitmap>]>([
    ['more rows than bytes', { height: 2_000 }],
    ['wider rows than bytes', { width: 2_000 }],
    ['the lowest height that there is', { height: -2_147_483_648 }],
  ])('%s is broken, and nothing is set aside for it', (_what, wishes) => {
    expect(decodeBmp(bitmapFile({ width: 2, height: 2, bitsPerPixel: 24, pixels, ...wishes }))).toBeNull()
  })

  it('pixels that begin beyond the file are broken', () => {
    const bytes = bitmapFile({ width: 2, height: 2, bitsPerPixel: 24, pixels })
    bytes.writeUInt32LE(0xffff_ffff, 10)
    expect(decodeBmp(bytes)).toBeNull()
  })

  it('no bytes whatsoever make it throw, and what it gives has the size that it says', () => {
    const depth = fc.constantFrom(1, 4, 8, 16, 24, 32)
    const likely = fc
      .record({
        width: fc.integer({ min: 1, max: 40 }),
        height: fc.integer({ min: -40, max: 40 }),
        bitsPerPixel: depth,
        compression: fc.constantFrom(0, 1, 2, 3, 6),
        masks: fc.array(fc.integer(), { minLength: 0, maxLength: 4 }),
        headerBytes: fc.constantFrom(12, 40, 56, 124),
        pixels: fc.uint8Array({ maxLength: 800 }),
      })
      .chain((bitmap) => {
        const whole = bitmapFile({ ...bitmap, height: bitmap.headerBytes === 12 ? 9 : bitmap.height })
        return fc.tuple(fc.constant(whole), fc.nat(whole.length), fc.integer({ min: 0, max: 255 }))
      })
      .map(([bytes, at, value]) => {
        if (at < bytes.length) bytes[at] = value
        return bytes
      })
    fc.assert(
      fc.property(likely, (bytes) => {
        const header = readBmpHeader(bytes)
        if (header === null || header.width * header.height > 1e6) return true
        const picture = decodeBmp(bytes)
        return picture === null || picture.data.length === header.width * header.height * picture.channels
      }),
      { numRuns: 500 },
    )
  })
})
