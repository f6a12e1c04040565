import type { IncomingMessage } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createImageLinks } from './image-links.ts'
import { closeAll, closeOf, closers, PICTURE, serve } from './testing/link-rig.ts'
import { openS3rver, S3RVER_KEYS, type StoredObject } from './testing/open-s3rver.ts'

const SECRET = 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY'

afterEach(closeAll)
afterEach(() => void vi.unstubAllEnvs())
beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', S3RVER_KEYS.accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', S3RVER_KEYS.secretAccessKey)
  vi.stubEnv('AWS_SESSION_TOKEN', undefined)
})

interface Wishes {
  readonly endpoint: string
  readonly buckets?: readonly string[]
  readonly timeoutMs?: number
  readonly onFault?: (message: string) => void
}

function links({ endpoint, buckets = ['pictures'], ...wishes }: Wishes) {
  const s3 = { buckets, endpoint, region: 'us-east-1' }
  const made = createImageLinks({ maxBytes: 64_000, s3, ...wishes })
  closers.push(() => made.close())
  return made
}

async function reasonOf(made: ReturnType<typeof links>, link: string): Promise<string> {
  const outcome = await made.fetch(link)
  return outcome.outcome === 'refused' ? outcome.reason : outcome.outcome
}

function anObject(wishes: Partial<StoredObject>): StoredObject {
  return { bucket: 'pictures', key: 'a.jpg', bytes: PICTURE, ...wishes }
}

describe('objects', () => {
  test.each([
    ['a.jpg', 's3://pictures/a.jpg'],
    ['deep/er/ada lovelace.jpg', 's3://pictures/deep/er/ada lovelace.jpg'],
    ['100%25 #1?.jpg', 'S3://pictures/100%25 #1?.jpg'],
    ['größe/写真.jpg', 's3://pictures/größe/写真.jpg'],
  ])('of a listed bucket are given, their keys taken as written: %s', async (key, link) => {
    const endpoint = await openS3rver([anObject({ key })])
    expect(await links({ endpoint }).fetch(link)).toMatchObject({ outcome: 'fetched', bytes: PICTURE })
  })

  test('lie in memory of their own, which a worker thread can take over', async () => {
    const endpoint = await openS3rver([anObject({ bytes: Buffer.from('tiny') })])
    const outcome = await links({ endpoint }).fetch('s3://pictures/a.jpg')
    expect(outcome.outcome === 'fetched' && outcome.bytes.buffer.byteLength).toBe(4)
  })

  test('over the limit are refused', async () => {
    const endpoint = await openS3rver([anObject({ bytes: new Uint8Array(64_001) })])
    expect(await reasonOf(links({ endpoint }), 's3://pictures/a.jpg')).toBe('too-large')
  })

  test('stored compressed are refused', async () => {
    const endpoint = await openS3rver([anObject({ bytes: gzipSync(PICTURE), encoding: 'gzip' })])
    expect(await reasonOf(links({ endpoint }), 's3://pictures/a.jpg')).toBe('bad-status')
  })

  test('that are missing are a bad status, and no fault of ours', async () => {
    const endpoint = await openS3rver([anObject({})])
    const faults: string[] = []
    const made = links({ endpoint, onFault: (message) => faults.push(message) })
    expect(await reasonOf(made, 's3://pictures/b.jpg')).toBe('bad-status')
    expect(faults).toEqual([])
  })
})

describe('without asking the server', () => {
  const endpoint = 'http://127.0.0.1:9'

  test.each([
    ['s3://other/a.jpg', 'address-not-allowed'],
    ['s3://pictures2/a.jpg', 'address-not-allowed'],
    ['s3://pictures', 'invalid-link'],
    ['s3://pictures/', 'invalid-link'],
    ['s3:///a.jpg', 'invalid-link'],
    ['s3://id:secret@pictures/a.jpg', 'invalid-link'],
    ['s3://pictures:9000/a.jpg', 'invalid-link'],
    ['s3://PICTURES/a.jpg', 'invalid-link'],
    ['s3://pictures/../other/a.jpg', 'invalid-link'],
    ['s3://pictures/a/./b.jpg', 'invalid-link'],
    ['s3://pictures/a\\..\\b.jpg', 'invalid-link'],
    ['s3://pictures/a\r\nx-evil: 1', 'invalid-link'],
    ['s3://pictures/\ud800', 'invalid-link'],
    [`s3://pictures/${'x'.repeat(1_025)}`, 'invalid-link'],
    [`s3://pictures/${'x'.repeat(8_193)}`, 'invalid-link'],
    ['s3a://pictures/a.jpg', 'unsupported-scheme'],
  ])('%s is refused', async (link, reason) => {
    expect(await reasonOf(links({ endpoint }), link)).toBe(reason)
  })

  test('every link is of an unknown scheme while no bucket is listed', async () => {
    expect(await reasonOf(links({ endpoint, buckets: [] }), 's3://pictures/a.jpg')).toBe('unsupported-scheme')
  })

  test('what cannot be a bucket is refused in the list', () => {
    for (const bucket of ['', 'a/b', '*', 'Pictures', 'arn:aws:s3:::x'])
      expect(() => links({ endpoint, buckets: [bucket] })).toThrow(TypeError)
  })
})

describe('servers that misbehave', () => {
  test('a refusal is told once, without key, credential or link', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE7')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', SECRET)
    const { port } = await serve((request, response) => {
      const echo = `<Error><Code>InvalidAccessKeyId</Code><Message>AKIDEXAMPLE7 ${request.url}</Message></Error>`
      response.writeHead(403, { 'content-type': 'application/xml' }).end(echo)
    })
    const faults: string[] = []
    const made = links({
      endpoint: `http://127.0.0.1:${port}`,
      onFault: (message) => faults.push(message),
    })
    const outcomes = [await made.fetch('s3://pictures/a.jpg'), await made.fetch('s3://pictures/b.jpg')]
    expect(outcomes).toEqual(Array(2).fill({ outcome: 'refused', reason: 'bad-status' }))
    expect(faults).toEqual(['s3 links fail: InvalidAccessKeyId'])
  })

  test('one that is away is unreachable', async () => {
    const { port, server } = await serve(() => undefined)
    server.close()
    expect(await reasonOf(links({ endpoint: `http://127.0.0.1:${port}` }), 's3://pictures/a')).toBe(
      'unreachable',
    )
  })

  test('one that never answers costs no more than the deadline', async () => {
    const { port } = await serve(() => undefined)
    const made = links({ endpoint: `http://127.0.0.1:${port}`, timeoutMs: 150 })
    expect(await reasonOf(made, 's3://pictures/a')).toBe('timeout')
  })

  test('credentials that never come cost no more than the deadline', async () => {
    const { port } = await serve(() => undefined)
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined)
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined)
    vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `http://127.0.0.1:${port}/`)
    const made = links({ endpoint: `http://127.0.0.1:${port}`, timeoutMs: 200 })
    expect(await reasonOf(made, 's3://pictures/a')).toBe('timeout')
  })

  test('one whose body drips for ever costs no more than the deadline', async () => {
    const { port } = await serve((_request, response) => {
      const drip = setInterval(() => response.write('.'), 5)
      response.once('close', () => clearInterval(drip))
    })
    const made = links({ endpoint: `http://127.0.0.1:${port}`, timeoutMs: 300 })
    expect(await reasonOf(made, 's3://pictures/a')).toBe('timeout')
  })

  test('one whose body never ends is cut at the limit, and its connection closed', async () => {
    let closed: Promise<void> = Promise.resolve()
    const { port } = await serve((request: IncomingMessage, response) => {
      closed = closeOf(request.socket)
      const pour = () => {
        while (!response.destroyed && response.write(new Uint8Array(8_000)));
      }
      response.on('drain', pour)
      pour()
    })
    expect(await reasonOf(links({ endpoint: `http://127.0.0.1:${port}` }), 's3://pictures/a')).toBe(
      'too-large',
    )
    await closed
  })

  test('one that redirects is not followed', async () => {
    const hits: string[] = []
    const { port } = await serve((request, response) => {
      hits.push(request.url ?? '')
      response.writeHead(307, { location: '/other/a.jpg' }).end()
    })
    const made = links({ endpoint: `http://127.0.0.1:${port}` })
    expect(await reasonOf(made, 's3://pictures/a')).toBe('bad-status')
    expect(hits.every((url) => url.startsWith('/pictures/a'))).toBe(true)
  })
})
