import sharp, { type Sharp } from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OpenedPicture, openPicture } from './decode-picture.ts'
import { openDecoderThreads } from './decoder-threads.ts'
import { isHeavy, isTooThin } from './picture-weight.ts'
import { restrictLoaders } from './restrict-loaders.ts'

const LIMITS = { maxPixels: 50_000_000, maxDecodingBytes: 800_000_000, decoders: openDecoderThreads() }
const MEGABYTE = 1_000_000

function plain(width: number, height: number): Sharp {
  return sharp({ create: { width, height, channels: 3, background: '#776655' } })
}

async function opened(bytes: Uint8Array, limits = LIMITS): Promise<OpenedPicture> {
  const picture = await openPicture(bytes, limits)
  if ('outcome' in picture) throw new Error(picture.outcome)
  return picture
}

beforeAll(restrictLoaders)
afterAll(() => LIMITS.decoders.close())

describe('the weight of a picture', () => {
  // Peaks of memory as `npm run bench -- decoding` measured them at 4000 x 3000; see docs/performance.md.
  it.each<
    readonly [
      name: string,
      kind: { readonly megabytes: number; readonly make: (picture: Sharp) => Sharp; readonly heavy?: true },
    ]
  >([
    ['jpeg', { megabytes: 30, make: (it) => it.jpeg() }],
    ['jpeg, turned by EXIF', { megabytes: 45, make: (it) => it.withMetadata({ orientation: 6 }).jpeg() }],
    ['jpeg, progressive', { megabytes: 66, make: (it) => it.jpeg({ progressive: true }) }],
    ['png', { megabytes: 29, make: (it) => it.png({ compressionLevel: 1 }) }],
    ['png, interlaced', { megabytes: 57, make: (it) => it.png({ compressionLevel: 1, progressive: true }) }],
    ['png, 16 bits', { megabytes: 53, make: (it) => it.toColourspace('rgb16').png({ compressionLevel: 1 }) }],
    ['webp', { megabytes: 97, make: (it) => it.webp({ effort: 0 }), heavy: true }],
    ['gif', { megabytes: 84, make: (it) => it.gif({ effort: 1 }), heavy: true }],
    ['tiff', { megabytes: 32, make: (it) => it.tiff({ compression: 'deflate' }) }],
    ['avif', { megabytes: 237, make: (it) => it.avif({ effort: 0 }), heavy: true }],
  ])(
    '%s of 12 megapixels: no less than measured, and not much more',
    async (_, { megabytes, make, heavy = false }) => {
      const { cost } = await opened(await make(plain(4000, 3000)).toBuffer())
      expect(cost.bytes).toBeGreaterThanOrEqual(megabytes * MEGABYTE)
      expect(cost.bytes).toBeLessThan((2 * megabytes + 40) * MEGABYTE)
      expect(isHeavy(cost)).toBe(heavy)
    },
    30_000,
  )

  it('a portrait of 250 px weighs next to nothing', async () => {
    const { cost } = await opened(await plain(250, 250).jpeg().toBuffer())
    expect(cost.bytes).toBeLessThan(MEGABYTE)
    expect(cost.ms).toBeLessThan(5)
  })

  it('scans of a JPEG count, since each goes over the whole picture', async () => {
    const whole = await plain(3000, 2000).jpeg({ progressive: true }).toBuffer()
    const many = Buffer.concat([whole, ...Array.from({ length: 2_000 }, () => Buffer.from([0xff, 0xda]))])
    expect((await opened(many)).cost.ms).toBeGreaterThan(30 * (await opened(whole)).cost.ms)
  })

  it('one that takes more memory than there is for all is refused, with the pixels that would do', async () => {
    const avif = await plain(1500, 1000).avif({ effort: 0 }).toBuffer()
    const maxDecodingBytes = 20 * MEGABYTE
    const refused = await openPicture(avif, { ...LIMITS, maxDecodingBytes })
    if (!('outcome' in refused) || refused.outcome !== 'too-many-pixels') throw new Error('not refused')
    expect(refused.maxPixels).toBeGreaterThan(400_000)
    expect(refused.maxPixels).toBeLessThan(1_000_000)
  })

  it.each([
    [50_000_000, 1, true],
    [1, 50_000_000, true],
    [5_000_000, 10, true],
    [100_000, 500, false],
    [20_000, 2, false],
    [4000, 3000, false],
  ])('%i x %i is too thin for a face, and not decoded: %s', (width, height, thin) => {
    expect(isTooThin({ width, height }, 1600)).toBe(thin)
  })
})
