import sharp, { type Sharp } from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Pixels } from '../../geometry/pixels.ts'
import { bitmapFile } from '../../testing/bitmaps.ts'
import { jp2File } from '../../testing/jp2-files.ts'
import { decodeRegion, decodeWhole, encodeInside, type OpenedPicture, openPicture } from './decode-picture.ts'
import { openDecoderThreads } from './decoder-threads.ts'
import { restrictLoaders } from './restrict-loaders.ts'

const LIMITS = { maxPixels: 1_000_000, maxDecodingBytes: 800_000_000, decoders: openDecoderThreads() }
const [WIDTH, HEIGHT] = [160, 120]

/** Red grows to the right, green downwards: any turn or mirroring shows. */
function aScene(): Sharp {
  const data = Buffer.alloc(WIDTH * HEIGHT * 3, 60)
  for (let at = 0; at < WIDTH * HEIGHT; at++) {
    data[at * 3] = Math.round(((at % WIDTH) / WIDTH) * 255)
    data[at * 3 + 1] = Math.round((Math.floor(at / WIDTH) / HEIGHT) * 255)
  }
  return sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
}

async function opened(bytes: Uint8Array): Promise<OpenedPicture> {
  const picture = await openPicture(bytes, LIMITS)
  if ('outcome' in picture) throw new Error(picture.outcome)
  return picture
}

async function decoded(bytes: Uint8Array): Promise<Pixels | null> {
  return decodeWhole(await opened(bytes), 1600)
}

function at({ data, width }: Pixels, x: number, y: number): number[] {
  return [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)]
}

function isNear(color: readonly number[], [red, green, blue]: readonly number[], within: number): boolean {
  return [red, green, blue].every(
    (value, channel) => Math.abs((value ?? 0) - (color[channel] ?? 0)) <= within,
  )
}

/** The scene in a format that sharp does not write. */
async function sceneFile(format: 'bmp' | 'jp2'): Promise<Buffer> {
  const data = await aScene().raw().toBuffer()
  const size = { width: WIDTH, height: HEIGHT }
  if (format === 'jp2') return jp2File({ ...size, components: 3, data })
  const swapped = new Uint8Array(data.length).map((_, index) => data[index + 2 - 2 * (index % 3)] ?? 0)
  return bitmapFile({ ...size, height: -HEIGHT, bitsPerPixel: 24, pixels: swapped })
}

beforeAll(restrictLoaders)
afterAll(() => LIMITS.decoders.close())

describe('what we decode', () => {
  it.each([
    ['image/jpeg', (scene: Sharp) => scene.jpeg({ quality: 95 })],
    ['image/jpeg', (scene: Sharp) => scene.jpeg({ quality: 95, progressive: true })],
    ['image/png', (scene: Sharp) => scene.png()],
    ['image/png', (scene: Sharp) => scene.toColourspace('rgb16').png()],
    ['image/webp', (scene: Sharp) => scene.webp({ quality: 95 })],
    ['image/webp', (scene: Sharp) => scene.webp({ lossless: true })],
    ['image/tiff', (scene: Sharp) => scene.tiff({ compression: 'lzw' })],
    ['image/gif', (scene: Sharp) => scene.gif()],
    ['image/avif', (scene: Sharp) => scene.avif({ quality: 90 })],
  ])('%s (%#) gives upright RGB and its content type', async (contentType, encode) => {
    const picture = await opened(await encode(aScene()).toBuffer())
    expect(picture.info).toEqual({ contentType, width: WIDTH, height: HEIGHT })
    const pixels = await decodeWhole(picture, 1600)
    expect(pixels?.data.buffer).toBeInstanceOf(SharedArrayBuffer)
    expect(isNear(at(pixels!, 80, 60), [128, 128, 60], 12)).toBe(true)
    expect(isNear(at(pixels!, 150, 10), [239, 21, 60], 16)).toBe(true)
  })

  it.each(['bmp', 'jp2'] as const)('%s gives upright RGB and its content type', async (format) => {
    const picture = await opened(await sceneFile(format))
    expect(picture.info).toEqual({ contentType: `image/${format}`, width: WIDTH, height: HEIGHT })
    expect(picture.channels).toBe(3)
    const pixels = await decodeWhole(picture, 1600)
    expect(pixels?.data.buffer).toBeInstanceOf(SharedArrayBuffer)
    expect(Buffer.compare(Buffer.from(pixels!.data), await aScene().raw().toBuffer())).toBe(0)
  })

  it.each(['bmp', 'jp2'] as const)('%s is shrunk, cut and re-encoded like any other', async (format) => {
    const picture = await opened(await sceneFile(format))
    const whole = await decodeWhole(picture, 80)
    expect([whole?.width, whole?.height]).toEqual([80, 60])
    expect(isNear(at(whole!, 40, 30), [128, 128, 60], 6)).toBe(true)
    const size = { width: 30, height: 20 }
    const part = await decodeRegion(picture, { x: 100, y: 70, ...size }, size)
    expect(isNear(at(part!, 0, 0), [159, 149, 60], 3)).toBe(true)
    const smaller = await encodeInside(picture, { width: 40, height: null }, 90)
    expect([smaller?.width, smaller?.height]).toEqual([40, 30])
    expect((await sharp(smaller!.bytes).metadata()).format).toBe('jpeg')
  })

  it('greyscale has three equal channels', async () => {
    const pixels = await decoded(await aScene().greyscale().jpeg().toBuffer())
    const [red, green, blue] = at(pixels!, 100, 100)
    expect([green, blue]).toEqual([red, red])
  })

  it('CMYK comes out in its colors', async () => {
    const cmyk = await sharp({ create: { width: 40, height: 40, channels: 3, background: '#c03020' } })
      .toColourspace('cmyk')
      .jpeg()
      .toBuffer()
    expect((await sharp(cmyk).metadata()).space).toBe('cmyk')
    const [red = 0, green = 0, blue = 0] = at((await decoded(cmyk))!, 20, 20)
    expect(red).toBeGreaterThan(150)
    expect(Math.max(green, blue)).toBeLessThan(100)
  })

  it.each([
    ['color', 3, (scene: Sharp) => scene.jpeg()],
    ['color and transparency', 3, (scene: Sharp) => scene.ensureAlpha(0.5).png()],
    ['a palette', 3, (scene: Sharp) => scene.png({ palette: true })],
    ['grey', 1, (scene: Sharp) => scene.greyscale().toColourspace('b-w').png()],
    ['16 bit grey', 1, (scene: Sharp) => scene.toColourspace('grey16').png()],
    ['CMYK', 4, (scene: Sharp) => scene.toColourspace('cmyk').jpeg()],
  ])('a picture of %s is known to have %d channels of color', async (_, channels, encode) => {
    expect((await opened(await encode(aScene()).toBuffer())).channels).toBe(channels)
  })

  it('16 bit greyscale is scaled, not cut', async () => {
    const grey = await sharp({ create: { width: 20, height: 20, channels: 3, background: '#808080' } })
      .toColourspace('grey16')
      .png()
      .toBuffer()
    expect(isNear(at((await decoded(grey))!, 5, 5), [128, 128, 128], 2)).toBe(true)
  })

  it('a wide color profile is converted to sRGB', async () => {
    const wide = await sharp({ create: { width: 20, height: 20, channels: 3, background: '#40c040' } })
      .withIccProfile('p3')
      .png()
      .toBuffer()
    expect(isNear(at((await decoded(wide))!, 5, 5), [0x40, 0xc0, 0x40], 3)).toBe(true)
  })

  it('transparent parts are white', async () => {
    const clear = {
      width: 20,
      height: 20,
      channels: 4 as const,
      background: { r: 10, g: 20, b: 30, alpha: 0 },
    }
    const pixels = await decoded(await sharp({ create: clear }).png().toBuffer())
    expect(at(pixels!, 3, 3)).toEqual([255, 255, 255])
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('EXIF orientation %i is turned upright', async (orientation) => {
    const bytes = await aScene().withMetadata({ orientation }).jpeg({ quality: 98 }).toBuffer()
    const picture = await opened(bytes)
    const isTurned = orientation >= 5
    expect(picture.info).toMatchObject(
      isTurned ? { width: HEIGHT, height: WIDTH } : { width: WIDTH, height: HEIGHT },
    )
    const upright = await sharp(bytes).autoOrient().raw().toBuffer()
    const pixels = await decodeWhole(picture, 1600)
    expect(Buffer.compare(Buffer.from(pixels!.data), upright)).toBe(0)
  })

  it('of a moving picture the first frame', async () => {
    const frames = ['#ff0000', '#00ff00'].map((background) => ({
      create: { width: 30, height: 20, channels: 3 as const, background },
    }))
    const stills = await Promise.all(frames.map((frame) => sharp(frame).png().toBuffer()))
    const gif = await sharp(stills, { join: { animated: true } })
      .gif()
      .toBuffer()
    expect((await sharp(gif).metadata()).pages).toBe(2)
    const pixels = await decoded(gif)
    expect([pixels?.width, pixels?.height]).toEqual([30, 20])
    expect(isNear(at(pixels!, 5, 5), [255, 0, 0], 5)).toBe(true)
  })

  it('a picture of one pixel', async () => {
    const bytes = await sharp({ create: { width: 1, height: 1, channels: 3, background: '#010203' } })
      .png()
      .toBuffer()
    expect([...(await decoded(bytes))!.data]).toEqual([1, 2, 3])
  })

  it('a large picture is shrunk to the longest side asked for, keeping its own size in the record', async () => {
    const bytes = await sharp({ create: { width: 900, height: 300, channels: 3, background: '#888' } })
      .jpeg()
      .toBuffer()
    const picture = await opened(bytes)
    expect(picture.info).toMatchObject({ width: 900, height: 300 })
    const pixels = await decodeWhole(picture, 600)
    expect([pixels?.width, pixels?.height]).toEqual([600, 200])
  })
})

describe('a part of a picture', () => {
  it.each([1, 3, 6])('is the same pixels as in the whole, with EXIF orientation %i', async (orientation) => {
    const picture = await opened(await aScene().withMetadata({ orientation }).png().toBuffer())
    const whole = await decodeWhole(picture, 1600)
    const size = { width: 30, height: 20 }
    const part = await decodeRegion(picture, { x: 11, y: 70, ...size }, size)
    for (const [x, y] of [
      [0, 0],
      [29, 19],
      [7, 13],
    ] as const)
      expect(at(part!, x, y)).toEqual(at(whole!, x + 11, y + 70))
  })
})

describe('hostile and broken bytes', () => {
  it.each([
    ['nothing', ''],
    ['text', 'This is not a picture, whatever its name says.'],
    ['the start of a JPEG', '\xff\xd8\xff'],
    ['the start of a PNG', '\x89PNG\r\n\x1a\n'],
    ['an SVG', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>'],
    ['an SVG with a declaration', '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['a PDF', '%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj'],
    ['a portable pixmap', 'P6\n1 1\n255\n\0\0\0'],
    ['the start of a BMP', 'BM'],
    ['words that begin like a BMP', 'BMW, Audi, Mercedes and so on, in a list of makes'],
    ['the start of a JPEG 2000', '\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypjp2 \0\0\0\0jp2 '],
    ['a HEIC, for want of a decoder', '\0\0\0\x18ftypheic\0\0\0\0mif1heic'],
    ['an ftyp box that runs past its end', '\xff\xff\xff\xffftypheic\0\0\0\0avif'],
  ])('%s is undecodable', async (_, latin1) => {
    expect(await openPicture(Buffer.from(latin1, 'latin1'), LIMITS)).toEqual({ outcome: 'undecodable' })
  })

  it('an SVG stays refused by libvips itself', async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>')
    await expect(sharp(svg).metadata()).rejects.toThrow('unsupported image format')
  })

  it('more pixels than allowed are turned away by the header, before decoding', async () => {
    const bomb = await sharp({ create: { width: 4000, height: 4000, channels: 3, background: '#000' } })
      .png({ compressionLevel: 9 })
      .toBuffer()
    expect(bomb.length).toBeLessThan(100_000)
    expect(await openPicture(bomb, LIMITS)).toEqual({ outcome: 'too-many-pixels', maxPixels: 1_000_000 })
  })

  it('so are bitmaps of a few bytes and JPEG 2000 that claim to be huge', async () => {
    const huge = { outcome: 'too-many-pixels', maxPixels: 1_000_000 }
    const runs = { bitsPerPixel: 8, compression: 1, pixels: [0, 1] }
    expect(await openPicture(bitmapFile({ width: 60_000, height: 60_000, ...runs }), LIMITS)).toEqual(huge)
    expect(
      await openPicture(
        bitmapFile({ width: 2 ** 31 - 1, height: -(2 ** 31), ...runs, compression: 0 }),
        LIMITS,
      ),
    ).toEqual(huge)
    const jp2 = await sceneFile('jp2')
    const siz = jp2.indexOf(Buffer.from([0xff, 0x4f, 0xff, 0x51]))
    for (const field of [8, 12, 24, 28]) jp2.writeUInt32BE(100_000, siz + field)
    expect(await openPicture(jp2, LIMITS)).toEqual(huge)
  })

  it.each(['bmp', 'jp2'] as const)('a %s cut anywhere is undecodable', async (format) => {
    const whole = await sceneFile(format)
    for (const part of [0.02, 0.2, 0.6, 0.97]) {
      const cut = await openPicture(whole.subarray(0, Math.floor(whole.length * part)), LIMITS)
      expect('outcome' in cut ? null : await decodeWhole(cut, 1600)).toBeNull()
    }
  })

  it('a header that promises terapixels is turned away', async () => {
    const png = await sharp({ create: { width: 1, height: 1, channels: 3, background: '#000' } })
      .png()
      .toBuffer()
    const liar = Buffer.from(png)
    liar.writeUInt32BE(1_000_000, 16)
    liar.writeUInt32BE(1_000_000, 20)
    const outcome = await openPicture(liar, LIMITS)
    expect(['undecodable', 'too-many-pixels']).toContain('outcome' in outcome ? outcome.outcome : 'opened')
  })

  it.each([
    'jpeg',
    'png',
    'webp',
    'tiff',
    'gif',
    'avif',
  ] as const)('a %s cut in half is undecodable', async (format) => {
    const whole = await sharp({
      create: {
        width: 300,
        height: 300,
        channels: 3,
        background: '#fff',
        noise: { type: 'gaussian', mean: 128, sigma: 60 },
      },
    })
      .toFormat(format)
      .toBuffer()
    const half = await openPicture(whole.subarray(0, whole.length / 2), LIMITS)
    const pixels = 'outcome' in half ? null : await decodeWhole(half, 1600)
    expect(pixels).toBeNull()
  })

  it('a JPEG that only lacks its end mark is taken', async () => {
    const whole = await aScene().jpeg().toBuffer()
    expect(await decoded(whole.subarray(0, -2))).not.toBeNull()
  })

  it('a JPEG with stray bytes at its end is taken', async () => {
    expect(
      await decoded(Buffer.concat([await aScene().jpeg().toBuffer(), Buffer.alloc(700, 0x41)])),
    ).not.toBeNull()
  })

  it('no bytes flipped anywhere bring the decoder down', async () => {
    const picture = await aScene().jpeg().toBuffer()
    for (let at = 4; at < picture.length; at += 37) {
      const bytes = Buffer.from(picture)
      bytes[at] = (bytes[at] ?? 0) ^ 0xff
      const openedOrNot = await openPicture(bytes, LIMITS)
      if (!('outcome' in openedOrNot)) await decodeWhole(openedOrNot, 1600)
    }
  })
})

describe('re-encoding', () => {
  it('fits inside, upright, without metadata', async () => {
    const picture = await opened(await aScene().withMetadata({ orientation: 6 }).jpeg().toBuffer())
    const smaller = await encodeInside(picture, { width: 60, height: null }, 80)
    expect([smaller?.width, smaller?.height]).toEqual([60, 80])
    const { orientation, exif, format } = await sharp(smaller!.bytes).metadata()
    expect([orientation, exif, format]).toEqual([undefined, undefined, 'jpeg'])
  })
})
