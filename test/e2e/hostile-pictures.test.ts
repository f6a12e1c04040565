import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Installation, shapesByTier, startInstallation } from '../servers/installation.ts'
import { MORE_THREADS } from '../servers/server-process.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { type Calls, callsTo } from './calls.ts'
import {
  aBitmap,
  animated,
  bombPng,
  damaged,
  emptyPng,
  HEIC,
  hugeScreenGif,
  JP2,
  PDF,
  resizedInHeaderOnly,
  SVG,
} from './hostile-pictures.ts'

const shared = findSharedData()
const PHOTO = 'lfw-dev/images/Abdullah_Gul/Abdullah_Gul_0001.jpg'
const COMPREFACE = 'photos/exadel-CompreFace/embedding-calculator'
/** Stands in names that no log line may show. */
const MARK = 'Zxqname'

describe.skipIf(shared === null).each(await shapesByTier())('hostile pictures, %s', (shape) => {
  let server: Installation
  let calls: Calls
  let photo: Buffer
  let personId: string

  const shot = (change: (picture: Sharp) => Sharp) => () => change(sharp(photo)).toBuffer()
  const plain = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: '#a08060' } })
      .jpeg()
      .toBuffer()
  const file = (path: string) => readFile(join(shared!, path))

  beforeAll(async () => {
    server = await startInstallation(shape, { SEMBLANCE_LOG_LEVEL: 'debug', ...MORE_THREADS })
    calls = callsTo(server)
    photo = await file(PHOTO)
    personId = await calls.createPerson({ name: `${MARK} victim` })
  })
  afterAll(() => server?.close())

  afterEach(async () => {
    expect(await calls.imageIds(personId)).toEqual([])
    expect((await calls.ask('GET', '/readyz')).status).toBe(200)
  })

  type Making = () => Buffer | Promise<Buffer>

  it.each<[string, Making]>([
    ['text', () => Buffer.from('this is no picture')],
    ['HTML', () => Buffer.from('<!doctype html><img src=x>')],
    ['one byte', () => Buffer.from([0xff])],
    ['zeros', () => Buffer.alloc(10_000)],
    ['the start of a JPEG', () => photo.subarray(0, 200)],
    ['a JPEG cut in the middle', () => photo.subarray(0, photo.length / 2)],
    ['a truncated JPEG', () => file(`${COMPREFACE}/src/services/imgtools/test/files/truncated.jpg`)],
    ['a PNG cut in the middle', async () => (await sharp(photo).png().toBuffer()).subarray(0, 20_000)],
    ['a JPEG with its headers gone', () => photo.subarray(400)],
    ['a corrupted PNG', () => file(`${COMPREFACE}/src/services/imgtools/test/files/corrupted.png`)],
    ['a file that is all but empty', () => file(`${COMPREFACE}/src/services/imgtools/test/files/empty.png`)],
    ['an icon', () => file(`${COMPREFACE}/src/services/imgtools/test/files/einstein.ico`)],
    ['a HEIC, for which no decoder is installed', () => HEIC],
    ['a JPEG 2000 cut in the middle', () => JP2.subarray(0, 200)],
    ['SVG with an external entity', () => SVG],
    ['PDF', () => PDF],
    ['gzip', () => Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff, 0xff])],
    ['ImageMagick script', () => Buffer.from('push graphic-context\nimage over 0,0 0,0 "url:x"')],
  ])('%s is no picture: 400 to add, code 6 in a search', async (_kind, make) => {
    const picture = await make()
    const added = await calls.ask('POST', `/persons/${personId}/images`, {
      image: { content: picture.toString('base64'), contentType: 'image/jpeg' },
    })
    expect([added.status, added.json.statusCode, added.json.type]).toEqual([400, 400, 'ImageDecodeError'])
    const found = await calls.search(picture)
    expect([found.status, found.json]).toEqual([
      200,
      { code: 6, persons: [], msg: expect.stringMatching(/JPEG.*HEIC/) },
    ])
  })

  it.each<[string, Making]>([
    ['1 x 1', () => plain(1, 1)],
    ['1 x 20000', () => plain(1, 20_000)],
    ['20000 x 2', () => plain(20_000, 2)],
    ['one pixel in a GIF that claims a screen of 65535 x 65535', () => hugeScreenGif()],
    ['a plain colour', () => plain(640, 480)],
    ['a bitmap of four pixels', aBitmap],
    ['a JPEG 2000', () => JP2],
    ['a real photo without a face', () => file(`${COMPREFACE}/sample_images/017_0.jpg`)],
  ])('%s has no face: 400 to add, code 2 in a search', async (_kind, make) => {
    const picture = await make()
    const added = await calls.addImage(personId, picture)
    expect([added.status, added.json.type]).toEqual([400, 'FaceNotDetected'])
    const found = await calls.search(picture, { createPerson: { name: `${MARK} nobody`, metadata: {} } })
    expect([found.status, found.json]).toEqual([200, { code: 2, persons: [], msg: 'image shows no face' }])
  })

  it.each<[string, Making]>([
    ['a decompression bomb', () => bombPng(30_000, 30_000)],
    ['a PNG that promises 60000 x 60000', () => emptyPng(60_000, 60_000)],
    ['a JPEG that promises 60000 x 60000', () => resizedInHeaderOnly(photo, 60_000, 60_000)],
  ])('%s is refused: 400 each way, without unfolding it', async (_kind, make) => {
    const picture = await make()
    const added = await calls.addImage(personId, picture)
    expect([added.status, added.json.type]).toEqual([400, 'ImageTooLarge'])
    const asked = performance.now()
    const found = await calls.search(picture)
    expect([found.status, found.json.type]).toEqual([400, 'BadParamsException'])
    expect(performance.now() - asked).toBeLessThan(5_000)
  })

  it('a picture with no bytes: 400', async () => {
    const empty = Buffer.alloc(0)
    for (const answer of [await calls.addImage(personId, empty), await calls.search(empty)])
      expect([answer.status, answer.json.type]).toEqual([400, 'BadParamsException'])
  })

  it('damaged pictures never bring a 5xx', async () => {
    const small = await sharp(photo).resize(80).jpeg().toBuffer()
    const pictures = [small, await sharp(small).png().toBuffer(), await sharp(small).webp().toBuffer()]
    for (let seed = 0; seed < 30; seed++) {
      const { status } = await calls.search(damaged(pictures[seed % pictures.length]!, seed))
      expect([200, 400]).toContain(status)
    }
  })

  it.each<[string, Making]>([
    ['greyscale', shot((it) => it.greyscale())],
    ['one-bit-transparent palette PNG', shot((it) => it.png({ palette: true }))],
    ['CMYK JPEG', shot((it) => it.toColourspace('cmyk').jpeg())],
    ['16-bit PNG', shot((it) => it.toColourspace('rgb16').png())],
    ['PNG with alpha', shot((it) => it.ensureAlpha(0.5).png())],
    ['progressive JPEG', shot((it) => it.jpeg({ progressive: true }))],
    ['TIFF', shot((it) => it.tiff())],
    ['AVIF', shot((it) => it.avif({ quality: 80 }))],
    ['animated GIF', () => animated(photo, 'gif')],
    ['animated WebP', () => animated(photo, 'webp')],
    ['EXIF-rotated JPEG', shot((it) => it.rotate(180).withMetadata({ orientation: 3 }))],
    ['JPEG with junk after its end', () => Buffer.concat([photo, Buffer.alloc(5_000, 'x')])],
  ])('%s is a picture: added, found, given back byte by byte', async (_kind, make) => {
    const picture = await make()
    const { status, json } = await calls.addImage(personId, picture)
    expect(status).toBe(200)
    expect((await calls.search(photo)).json.persons[0].id).toBe(personId)
    const path = `/persons/${personId}/images/${json.id}`
    const back = await calls.ask('GET', path)
    expect(back.bytes.equals(picture)).toBe(true)
    expect(back.headers.get('content-type')).toMatch(/^image\/(jpeg|png|tiff|avif|gif|webp)$/)
    await calls.ask('DELETE', path)
  })

  it('has logged no error, no picture and no name', () => {
    const output = server.output()
    expect(output).not.toMatch(/"level":"(error|fatal)"/)
    expect(output).not.toContain(photo.toString('base64').slice(3_000, 3_060))
    expect(output).not.toContain(MARK)
  })
})
