import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeWhole, openPicture } from '../main/decode/decode-picture.ts'
import { type DecoderThreads, openDecoderThreads } from '../main/decode/decoder-threads.ts'
import { pictureFormatOf } from '../main/decode/picture-format.ts'
import { restrictLoaders } from '../main/decode/restrict-loaders.ts'
import { HEIC_SCENE, HEIC_TURNED_SCENE } from '../testing/heic-files.ts'

/** Not among our packages, because of its licence. */
const folder = process.env.TEST_LIBHEIF_JS ?? join(import.meta.dirname, '../../../../node_modules/libheif-js')
const isInstalled = existsSync(folder)
if (!isInstalled) process.emitWarning('skipped: decoding HEIC, for want of libheif-js (set TEST_LIBHEIF_JS)')

beforeAll(restrictLoaders)

function ftyp(major: string, ...compatible: string[]): Buffer {
  const content = Buffer.from(`ftyp${major}\0\0\0\0${compatible.join('')}`, 'latin1')
  const size = Buffer.alloc(4)
  size.writeUInt32BE(content.length + 4)
  return Buffer.concat([size, content, Buffer.alloc(16)])
}

describe('HEIC by its first bytes', () => {
  it.each([
    ['heic', []],
    ['heix', []],
    ['mif1', ['mif1', 'heic']],
    ['msf1', ['hevc']],
  ] as const)('brand %s with %j', (major, compatible) => {
    expect(pictureFormatOf(ftyp(major, ...compatible))).toBe('heic')
  })

  it('AVIF, films and what only might be are none', () => {
    expect(pictureFormatOf(ftyp('mif1', 'avif', 'heic'))).toBe('avif')
    expect(pictureFormatOf(ftyp('isom', 'mp42'))).toBeNull()
    expect(pictureFormatOf(ftyp('mif1', 'mif1'))).toBeNull()
  })
})

describe('without a decoder for it', () => {
  it('a HEIC is undecodable', async () => {
    const decoders = openDecoderThreads()
    expect(await openPicture(HEIC_SCENE, { maxPixels: 1e6, maxDecodingBytes: 1e9, decoders })).toEqual({
      outcome: 'undecodable',
    })
    await decoders.close()
  })

  it('a folder that holds none is refused at once', () => {
    expect(() => openDecoderThreads(import.meta.dirname)).toThrow(TypeError)
  })
})

describe.skipIf(!isInstalled)('with a decoder for it', () => {
  let decoders: DecoderThreads
  beforeAll(() => {
    decoders = openDecoderThreads(folder)
  })
  afterAll(() => decoders.close())

  async function decode(bytes: Uint8Array) {
    const picture = await openPicture(bytes, { maxPixels: 100_000, maxDecodingBytes: 1e9, decoders })
    return 'outcome' in picture ? null : { picture, pixels: await decodeWhole(picture, 1600) }
  }

  it.each([
    { how: 'as it lies', bytes: HEIC_SCENE, size: { width: 160, height: 120 }, x: 40, y: 30 },
    {
      how: 'turned by its own mark',
      bytes: HEIC_TURNED_SCENE,
      size: { width: 120, height: 160 },
      x: 89,
      y: 40,
    },
  ])('a picture is given upright: $how', async ({ bytes, size, x, y }) => {
    const { picture, pixels } = (await decode(bytes)) ?? {}
    expect(picture?.info).toEqual({ contentType: 'image/heic', ...size })
    expect(pixels).toMatchObject(size)
    const at = (y * size.width + x) * 3
    const color = [...(pixels?.data.subarray(at, at + 3) ?? [])]
    for (const [channel, value] of [64, 64, 60].entries())
      expect(Math.abs((color[channel] ?? 0) - value)).toBeLessThan(8)
  })

  it('more pixels than allowed are turned away by the header', async () => {
    expect(await openPicture(HEIC_SCENE, { maxPixels: 19_199, maxDecodingBytes: 1e9, decoders })).toEqual({
      outcome: 'too-many-pixels',
      maxPixels: 19_199,
    })
  })

  it('one cut anywhere is undecodable', async () => {
    for (const part of [0.02, 0.3, 0.6, 0.9]) {
      const cut = await decode(HEIC_SCENE.subarray(0, Math.floor(HEIC_SCENE.length * part)))
      expect(cut?.pixels ?? null).toBeNull()
    }
  })

  it('bytes flipped anywhere harm nothing: the next picture is decoded as ever', async () => {
    for (let at = 20; at < HEIC_SCENE.length; at += 31) {
      const bytes = Buffer.from(HEIC_SCENE)
      bytes[at] = (bytes[at] ?? 0) ^ 0xff
      await decode(bytes)
    }
    expect((await decode(HEIC_SCENE))?.pixels).not.toBeNull()
  }, 60_000)
})
