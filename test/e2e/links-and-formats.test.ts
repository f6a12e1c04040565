import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { availableShapes, type Installation, startInstallation } from '../servers/installation.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { type Calls, callsTo } from './calls.ts'

const shared = findSharedData()
const PHOTO = 'lfw-dev/images/Abdullah_Gul/Abdullah_Gul_0001.jpg'
const BUCKET = 'faces'

/** The photo as a bitmap of 24 bits, top row first. */
async function bitmapOf(photo: Buffer): Promise<Buffer> {
  const { data, info } = await sharp(photo).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const stride = Math.ceil((info.width * 3) / 4) * 4
  const bitmap = Buffer.alloc(54 + stride * info.height)
  bitmap.write('BM')
  bitmap.writeUInt32LE(bitmap.length, 2)
  for (const [at, value] of [
    [10, 54],
    [14, 40],
    [18, info.width],
    [22, -info.height],
    [26, 1 | (24 << 16)],
  ] as const)
    bitmap.writeInt32LE(value, at)
  for (let y = 0; y < info.height; y++) {
    for (let x = 0; x < info.width * 3; x++)
      bitmap[54 + y * stride + x] = data[y * info.width * 3 + x + 2 - 2 * (x % 3)] ?? 0
  }
  return bitmap
}

describe.skipIf(shared === null).each(await availableShapes())('links and formats, %s', (shape) => {
  let server: Installation
  let calls: Calls
  let folder: string
  let bucket: Server
  let personId: string
  /** Of the bucket, and of a web server that is allow-listed. */
  let endpoint: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'semblance-e2e-links-'))
    const photo = await readFile(join(shared!, PHOTO))
    await mkdir(join(folder, 'root'))
    await writeFile(join(folder, 'root/ä b.bmp'), await bitmapOf(photo))
    await writeFile(join(folder, 'outside.jpg'), photo)
    await symlink('../outside.jpg', join(folder, 'root/way out.jpg'))
    bucket = createServer((request, response) => {
      const { url = '' } = request
      if (url.startsWith(`/${BUCKET}/ada.jpg`) || url.includes(`/b/${BUCKET}/o/ada.jpg`)) response.end(photo)
      else if (url === '/away') response.writeHead(302, { location: 'http://169.254.169.254/' }).end()
      else if (url === '/on') response.writeHead(302, { location: `/${BUCKET}/ada.jpg` }).end()
      else response.writeHead(404).end()
    }).listen(0, '127.0.0.1')
    await once(bucket, 'listening')
    const host = `127.0.0.1:${(bucket.address() as AddressInfo).port}`
    endpoint = `http://${host}`
    server = await startInstallation(shape, {
      SEMBLANCE_LINK_HOSTS: host,
      SEMBLANCE_LINK_ROOTS: join(folder, 'root'),
      SEMBLANCE_LINK_S3_BUCKETS: BUCKET,
      SEMBLANCE_LINK_S3_ENDPOINT: endpoint,
      SEMBLANCE_LINK_GS_BUCKETS: BUCKET,
      SEMBLANCE_LINK_GS_ENDPOINT: endpoint,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    })
    calls = callsTo(server)
    personId = await calls.createPerson({ name: 'Ada' })
  }, 120_000)
  afterAll(async () => {
    await server?.close()
    bucket?.closeAllConnections()
    bucket?.close()
    await rm(folder, { recursive: true, force: true })
  })

  const linkTo = (name: string) => pathToFileURL(join(folder, name)).href

  it('a bitmap behind a file link is enrolled as one, and the person found by every kind of link', async () => {
    const imageUrl = linkTo('root/ä b.bmp')
    const added = await calls.ask('POST', `/persons/${personId}/images`, { image: { imageUrl } })
    expect([added.status, added.json.contentType]).toEqual([200, 'image/bmp'])
    const objects = [`s3://${BUCKET}/ada.jpg`, `gs://${BUCKET}/ada.jpg`, `${endpoint}/${BUCKET}/ada.jpg`]
    for (const link of [imageUrl, ...objects, `${endpoint}/on`]) {
      const found = await calls.ask('POST', '/search', { image: { imageUrl: link } })
      expect([link, found.status, found.json.persons[0]?.id]).toEqual([link, 200, personId])
    }
  })

  it.each<[string, (at: typeof linkTo) => string]>([
    ['a file beside the folder', (at) => at('outside.jpg')],
    ['a symbolic link out of the folder', (at) => at('root/way out.jpg')],
    ['a way up', (at) => `${at('root')}/%2e%2e/outside.jpg`],
    ['another bucket', () => 's3://others/ada.jpg'],
    ['a missing object', () => `s3://${BUCKET}/nobody.jpg`],
    ['a missing object of Google', () => `gs://${BUCKET}/nobody.jpg`],
    ['a redirect to an address that is not public', () => `${endpoint}/away`],
    ['another port of an allow-listed host', () => 'http://127.0.0.1:1/'],
    ['credentials', () => endpoint.replace('//', '//user:pass@')],
  ])('%s is refused without a word about it', async (_what, link) => {
    const { status, json, bytes } = await calls.ask('POST', '/search', { image: { imageUrl: link(linkTo) } })
    expect([status, json.metadata.cause]).toEqual([400, 'ImageLinkRefused'])
    expect(bytes.toString()).not.toMatch(/outside|way out|others|nobody|user|169\.254|127\.0\.0\.1/)
  })
})
