import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readJp2Header } from '../headers/jp2-header.ts'
import { DecoderThreads } from '../main/decode/decoder-threads.ts'
import type { RawPicture } from '../messages/raw-picture.ts'
import { box, codestreamOf, jp2File, jp2FileAround, type Samples } from '../testing/jp2-files.ts'

const [WIDTH, HEIGHT] = [90, 60]
/** Bytes into the SIZ segment of a codestream at which its fields begin. */
const FIELDS = { width: 8, height: 12, left: 16, tileWidth: 24, tileHeight: 28, components: 40, depth: 42 }

let threads: DecoderThreads
beforeAll(() => {
  threads = new DecoderThreads({ size: 2, timeoutMs: 20_000 })
})
afterAll(() => threads.close())

function decode(bytes: Uint8Array, minSide = Number.POSITIVE_INFINITY): Promise<RawPicture | null> {
  return threads.decode({ format: 'jp2', bytes, minSide, pixels: WIDTH * HEIGHT })
}

/** Red grows to the right, green downwards. */
function aScene(width = WIDTH, height = HEIGHT): Samples {
  const data = new Uint8Array(width * height * 3)
  for (let at = 0; at < width * height; at++) {
    data[at * 3] = Math.round(((at % width) / width) * 255)
    data[at * 3 + 1] = Math.round((Math.floor(at / width) / height) * 255)
    data[at * 3 + 2] = 60
  }
  return { width, height, components: 3, data }
}

/** Another value, as many bytes as its field has. */
function changed(bytes: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(bytes)
  copy.writeUIntBE(value, at, at < FIELDS.components ? 4 : at === FIELDS.components ? 2 : 1)
  return copy
}

describe('what is decoded', () => {
  it('three colors of 8 bits, without a loss', async () => {
    const scene = aScene()
    const file = await jp2File(scene)
    expect(readJp2Header(file)).toMatchObject({ width: WIDTH, height: HEIGHT, channels: 3, halvings: 3 })
    const picture = await decode(file)
    expect(picture).toMatchObject({ width: WIDTH, height: HEIGHT, channels: 3 })
    expect(Buffer.compare(Buffer.from(picture!.data), Buffer.from(scene.data))).toBe(0)
  })

  it('grey of 8 bits', async () => {
    const data = Uint8Array.from({ length: 32 * 16 }, (_, at) => (at * 5) % 256)
    const picture = await decode(await jp2File({ width: 32, height: 16, components: 1, data }))
    expect(picture).toMatchObject({ width: 32, height: 16, channels: 1 })
    expect([...picture!.data]).toEqual([...data])
  })

  it.each([
    [12, 4095],
    [16, 65_535],
  ])('grey of %i bits, scaled to 8', async (bitsPerSample, max) => {
    const values = Uint16Array.from({ length: 32 * 16 }, (_, at) => Math.round((at / 511) * max))
    const shape = { width: 32, height: 16, components: 1, bitsPerSample } as const
    const picture = await decode(await jp2File({ ...shape, data: new Uint8Array(values.buffer) }))
    expect([picture?.data[0], picture?.data[255], picture?.data[511]]).toEqual([0, 127, 255])
  })

  it('a palette, in its colors', async () => {
    const data = new Uint8Array(32 * 32).map((_, at) => (at % 32 < 16 ? 0 : 1))
    const colors = Buffer.from([0, 2, 3, 7, 7, 7, 200, 30, 10, 5, 90, 250])
    const pclr = box('pclr', colors)
    const cmap = box('cmap', Buffer.from([0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 1, 2]))
    const indexed = { width: 32, height: 32, components: 1, data } as const
    const file = await jp2File(indexed, [pclr, cmap])
    expect(readJp2Header(file)?.channels).toBe(3)
    const picture = await decode(file)
    expect(picture?.channels).toBe(3)
    expect([...picture!.data.subarray(0, 3)]).toEqual([200, 30, 10])
    expect([...picture!.data.subarray(31 * 3, 32 * 3)]).toEqual([5, 90, 250])
  })

  it('a smaller picture where that will do, but not smaller than asked', async () => {
    const file = await jp2File(aScene(203, 101))
    expect(await decode(file, 100)).toMatchObject({ width: 102, height: 51 })
    expect(await decode(file, 110)).toMatchObject({ width: 203, height: 101 })
    expect(await decode(file, 1)).toMatchObject({ width: 26, height: 13 })
  })
})

describe('headers that are turned away', () => {
  it.each([
    ['no width', FIELDS.width, 0],
    ['no height', FIELDS.height, 0],
    ['a picture off the origin', FIELDS.left, 8],
    ['no tiles', FIELDS.tileWidth, 0],
    ['a million tiles', FIELDS.tileWidth, 1],
    ['two components', FIELDS.components, 2],
    ['sixteen thousand components', FIELDS.components, 16_384],
    ['16 bits a color', FIELDS.depth, 15],
    ['signed samples', FIELDS.depth, 0x87],
    ['samples of no width', FIELDS.depth + 1, 0],
    ['a second color half as high', FIELDS.depth + 5, 2],
  ] as const)('%s', async (_what, at, value) => {
    const scene = aScene()
    let codestream = await codestreamOf(scene)
    codestream = changed(codestream, at, value)
    if (at === FIELDS.tileWidth && value === 1) {
      codestream = changed(changed(codestream, FIELDS.width, 5_000), FIELDS.height, 5_000)
    }
    expect(readJp2Header(jp2FileAround(codestream, scene))).toBeNull()
  })

  it('a file without a codestream, and one of boxes that lead nowhere', async () => {
    const file = await jp2File(aScene())
    expect(readJp2Header(file.subarray(0, file.indexOf('jp2c') - 4))).toBeNull()
    expect(readJp2Header(changed(file, 12, 0))).toBeNull()
    expect(readJp2Header(changed(file, 12, 1))).toBeNull()
    expect(readJp2Header(changed(file, 12, 7))).toBeNull()
    expect(readJp2Header(changed(file, 12, 0xffff_ffff))).toBeNull()
  })

  it('a thousand empty boxes are not walked to their end', async () => {
    const file = await jp2File(aScene())
    const boxes = Buffer.concat(Array.from({ length: 1_000 }, () => box('free', Buffer.alloc(0))))
    const at = file.indexOf('jp2h') - 4
    expect(readJp2Header(Buffer.concat([file.subarray(0, at), boxes, file.subarray(at)]))).toBeNull()
  })

  it('no bytes whatsoever make it throw', async () => {
    const file = await jp2File(aScene())
    const changes = fc.array(fc.tuple(fc.nat(200), fc.integer({ min: 0, max: 255 })), { maxLength: 6 })
    fc.assert(
      fc.property(changes, fc.nat(file.length), (bytes, length) => {
        const copy = Buffer.from(file.subarray(0, length))
        for (const [at, value] of bytes) if (at < copy.length) copy[at] = value
        const header = readJp2Header(copy)
        return header === null || (header.width > 0 && header.height > 0)
      }),
    )
  })
})

describe('files that are broken', () => {
  it.each([0.1, 0.5, 0.9])('one cut short at %f gives nothing', async (part) => {
    const noise = new Uint8Array(WIDTH * HEIGHT * 3).map((_, at) => (at * at * 31) % 256)
    const file = await jp2File({ ...aScene(), data: noise })
    expect(await decode(file.subarray(0, file.length * part))).toBeNull()
  })

  it('one that promises far more pixels than it has bytes for gives nothing', async () => {
    const codestream = await codestreamOf(aScene())
    const huge = changed(changed(codestream, FIELDS.width, 7_000), FIELDS.height, 7_000)
    const tiled = changed(changed(huge, FIELDS.tileWidth, 7_000), FIELDS.tileHeight, 7_000)
    expect(await decode(jp2FileAround(tiled, aScene()))).toBeNull()
  }, 60_000)

  it('bytes flipped anywhere harm nothing: the next picture is decoded as ever', async () => {
    const scene = aScene()
    const file = await jp2File(scene)
    const copies = Array.from({ length: 40 }, (_, index) => {
      const copy = Buffer.from(file)
      const at = 60 + Math.floor((index / 40) * (file.length - 60))
      copy[at] = (copy[at] ?? 0) ^ 0xff
      return copy
    })
    await Promise.all(copies.map((copy) => decode(copy)))
    expect((await decode(file))?.data.length).toBe(scene.data.length)
  }, 60_000)
})
