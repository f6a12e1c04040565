import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { LinkBreak, type LinkStreams } from '@semblance/core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createLinkStreams, type LinkStreamsOptions } from './link-streams.ts'
import { closeAll, closers, loopback, serve } from './testing/link-rig.ts'
import { openGcsServer } from './testing/open-gcs-server.ts'
import { openS3rver, S3RVER_KEYS } from './testing/open-s3rver.ts'

const BYTES = Uint8Array.from({ length: 200_000 }, (_, i) => i % 251)

afterEach(closeAll)
afterEach(() => void vi.unstubAllEnvs())
beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', S3RVER_KEYS.accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', S3RVER_KEYS.secretAccessKey)
  vi.stubEnv('AWS_SESSION_TOKEN', undefined)
})

function streams(options: LinkStreamsOptions = {}): LinkStreams {
  const made = createLinkStreams({ waitMs: 1, lookup: loopback, ...options })
  closers.push(() => made.close())
  return made
}

async function read(made: LinkStreams, link: string): Promise<Buffer | string> {
  const opened = await made.open(link, {})
  if (opened.outcome === 'refused') return opened.reason
  const pieces: Uint8Array[] = []
  try {
    for await (const piece of opened.bytes) pieces.push(piece)
  } catch (fault) {
    if (fault instanceof LinkBreak) return `${Buffer.concat(pieces).byteLength > 0} ${fault.reason}`
    throw fault
  }
  return Buffer.concat(pieces)
}

interface Breaking {
  readonly etag?: string
  /** The ETag of answers after the first. */
  readonly laterEtag?: string
  /** Bytes of each answer but the last, after which the connection is cut. */
  readonly breaksAfter?: number
  readonly knowsRanges?: boolean
}

/** A host whose connections break; tells what was asked for. */
async function breakingHost({ etag, laterEtag = etag, breaksAfter = 60_000, knowsRanges = true }: Breaking) {
  const ranges: (string | undefined)[] = []
  const { port } = await serve((request: IncomingMessage, response: ServerResponse) => {
    const from = knowsRanges ? Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0) : 0
    const tag = ranges.length === 0 ? etag : laterEtag
    ranges.push(request.headers.range)
    const part = BYTES.subarray(from)
    response.writeHead(from > 0 ? 206 : 200, {
      'content-length': part.byteLength,
      ...(tag !== undefined && { etag: tag }),
      ...(from > 0 && { 'content-range': `bytes ${from}-${BYTES.length - 1}/${BYTES.length}` }),
    })
    const sent = knowsRanges ? breaksAfter : breaksAfter * ranges.length
    if (part.byteLength <= sent) response.end(part)
    else response.write(part.subarray(0, sent), () => setTimeout(() => request.socket.destroy(), 20))
  })
  return { link: `http://127.0.0.1:${port}/photos.tar`, host: `127.0.0.1:${port}`, ranges }
}

describe('a file behind a link', () => {
  test('of a host comes whole, and a connection that breaks goes on where it broke', async () => {
    const { link, host, ranges } = await breakingHost({ etag: '"1"' })
    expect(await read(streams({ allowedHosts: [host] }), link)).toEqual(Buffer.from(BYTES))
    expect(ranges.length).toBeGreaterThan(2)
    expect(ranges[0]).toBeUndefined()
    expect(ranges[1]).toMatch(/^bytes=[1-9]\d*-$/)
  })

  test('of a host that knows no ranges is read again up to there', async () => {
    const { link, host } = await breakingHost({ etag: '"1"', knowsRanges: false, breaksAfter: 90_000 })
    expect(await read(streams({ allowedHosts: [host] }), link)).toEqual(Buffer.from(BYTES))
  })

  test('that has changed when it breaks is not mixed with what came before', async () => {
    const { link, host } = await breakingHost({ etag: '"1"', laterEtag: '"2"' })
    expect(await read(streams({ allowedHosts: [host] }), link)).toBe('true changed')
  })

  test('whose versions nobody tells apart is not gone on with', async () => {
    const { link, host, ranges } = await breakingHost({})
    expect(await read(streams({ allowedHosts: [host] }), link)).toBe('true incomplete')
    expect(ranges).toHaveLength(1)
  })

  test('that breaks off without a byte again and again is given up', async () => {
    const { link, host, ranges } = await breakingHost({ etag: '"1"', breaksAfter: 0 })
    expect(await read(streams({ allowedHosts: [host] }), link)).toBe('false incomplete')
    expect(ranges).toHaveLength(6)
  })

  test.each([429, 503])('of a host that answers %i meanwhile is gone on with', async (status) => {
    let asked = 0
    const { port } = await serve((_request, response) => {
      asked += 1
      if (asked === 2) response.writeHead(status).end()
      else if (asked > 2) response.writeHead(200, { 'content-length': BYTES.length, etag: '"1"' }).end(BYTES)
      else {
        response.writeHead(200, { 'content-length': BYTES.length, etag: '"1"' })
        response.write(BYTES.subarray(0, 1_000), () => setTimeout(() => response.destroy(), 20))
      }
    })
    const made = streams({ allowedHosts: [`127.0.0.1:${port}`] })
    expect(await read(made, `http://127.0.0.1:${port}/a.csv`)).toEqual(Buffer.from(BYTES))
    expect(asked).toBe(3)
  })

  test('that is shorter than before when it breaks has changed', async () => {
    let asked = 0
    const { port } = await serve((_request, response) => {
      asked += 1
      if (asked > 1) return response.writeHead(416).end()
      response.writeHead(200, { 'content-length': BYTES.length, etag: '"1"' })
      return response.write(BYTES.subarray(0, 1_000), () => setTimeout(() => response.destroy(), 20))
    })
    const made = streams({ allowedHosts: [`127.0.0.1:${port}`] })
    expect(await read(made, `http://127.0.0.1:${port}/a.csv`)).toBe('true changed')
  })

  test.each([
    ['another part', 'bytes 5-9/3000'],
    ['a part that ends before it begins', 'bytes 1000-9/3000'],
    ['a part beyond the end', 'bytes 1000-3000/3000'],
    ['a part of another length', 'bytes 1000-1009/3000'],
    ['no range', 'all'],
  ])('is not gone on with by %s', async (_what, range) => {
    let asked = 0
    const { port } = await serve((_request, response) => {
      asked += 1
      const headers = { 'content-length': 5, etag: '"1"', 'content-range': range }
      if (asked > 1) return response.writeHead(206, headers).end('abcde')
      response.writeHead(200, { 'content-length': 3_000, etag: '"1"' })
      return response.write(BYTES.subarray(0, 1_000), () => setTimeout(() => response.destroy(), 20))
    })
    const made = streams({ allowedHosts: [`127.0.0.1:${port}`] })
    expect(await read(made, `http://127.0.0.1:${port}/a.csv`)).toBe('true invalid-answer')
  })

  test('of which nothing comes any more counts as broken', async () => {
    let asked = 0
    const { port } = await serve((_request, response) => {
      asked += 1
      response.writeHead(200, { 'content-length': BYTES.length, etag: '"1"' })
      if (asked === 1) response.write(BYTES.subarray(0, 1_000))
      else response.end(BYTES)
    })
    const made = streams({ allowedHosts: [`127.0.0.1:${port}`], stallMs: 100 })
    expect(await read(made, `http://127.0.0.1:${port}/a.csv`)).toEqual(Buffer.from(BYTES))
  })

  test('is bound by the rules of links', async () => {
    const { link, ranges } = await breakingHost({ etag: '"1"' })
    const { port } = await serve((_request, response) => response.writeHead(302, { location: link }).end())
    const made = streams({ allowedHosts: [`127.0.0.1:${port}`] })
    expect(await read(made, link)).toBe('address-not-allowed')
    expect(await read(made, `http://127.0.0.1:${port}/`)).toBe('address-not-allowed')
    expect(await read(made, 's3://pictures/a.csv')).toBe('unsupported-scheme')
    expect(await read(made, 'file:///etc/passwd')).toBe('unsupported-scheme')
    expect(ranges).toEqual([])
  })

  test('in S3, in Google Cloud Storage or in a folder comes whole, with a version', async () => {
    const root = await mkdtemp(join(tmpdir(), 'semblance-streams-'))
    closers.push(() => rm(root, { recursive: true, force: true }))
    await writeFile(join(root, 'a.tar'), BYTES)
    const s3 = await openS3rver([{ bucket: 'pictures', key: 'in/a.tar', bytes: BYTES }])
    const gs = await openGcsServer([{ bucket: 'pictures', name: 'in/a.tar', bytes: BYTES }], undefined)
    const made = streams({
      fileRoots: [root],
      s3: { buckets: ['pictures'], endpoint: s3, region: 'us-east-1' },
      gs: { buckets: ['pictures'], endpoint: gs },
    })
    for (const link of ['s3://pictures/in/a.tar', 'gs://pictures/in/a.tar', `${pathToFileURL(root)}/a.tar`])
      expect(await read(made, link), link).toEqual(Buffer.from(BYTES))
    const versionOf = async (link: string) => {
      const opened = await made.open(link, {})
      if (opened.outcome === 'opened') await opened.close()
      return opened.outcome === 'opened' ? opened.version : opened.reason
    }
    expect(await versionOf('s3://pictures/in/a.tar')).toMatch(/^"/)
    const before = await versionOf(`${pathToFileURL(root)}/a.tar`)
    await writeFile(join(root, 'a.tar'), 'other')
    expect(await versionOf(`${pathToFileURL(root)}/a.tar`)).not.toBe(before)
    expect(await read(made, 's3://pictures/missing.tar')).toBe('bad-status')
    expect(await read(made, `${pathToFileURL(tmpdir())}/outside`)).toBe('address-not-allowed')
  })

  test('is let go of when its reader leaves, and when all is closed', async () => {
    const gone: string[] = []
    const { port } = await serve((request, response) => {
      response.on('close', () => gone.push(request.url ?? ''))
      response.writeHead(200, { etag: '"1"' }).write(BYTES)
    })
    const made = streams({ allowedHosts: [`127.0.0.1:${port}`] })
    const open = async (path: string) => {
      const opened = await made.open(`http://127.0.0.1:${port}${path}`, {})
      if (opened.outcome === 'refused') throw new Error(opened.reason)
      return opened
    }
    const unread = await open('/unread')
    await unread.close()
    for await (const _ of (await open('/left')).bytes) break
    const read = (await open('/closed')).bytes
    await read.next()
    const next = expect(Promise.all([read.next(), read.next(), read.next()])).rejects.toThrow('closing')
    await made.close()
    await next
    await expect.poll(() => gone.toSorted()).toEqual(['/closed', '/left', '/unread'])
  })
})
