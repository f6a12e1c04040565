import { afterEach, describe, expect, test } from 'vitest'
import { GcsSource } from './gcs-source.ts'
import { createImageLinks } from './image-links.ts'
import { closeAll, closers, links, PICTURE, reasonOf, serve } from './testing/link-rig.ts'
import { openGcsServer, type StoredGcsObject } from './testing/open-gcs-server.ts'

afterEach(closeAll)

function openServer(objects: readonly StoredGcsObject[]): Promise<string> {
  return openGcsServer(objects, process.env.TEST_GCS_URL)
}

interface Wishes {
  readonly endpoint: string
  readonly buckets?: readonly string[]
  readonly timeoutMs?: number
  readonly authorize?: () => Promise<string | null>
  readonly onFault?: (code: string) => void
}

function gsLinks({ endpoint, buckets = ['pictures'], timeoutMs, ...wishes }: Wishes) {
  const { authorize = async () => null, onFault = () => undefined } = wishes
  const tellFault = (_scheme: string, code: string) => onFault(code)
  const gs = new GcsSource({ buckets: new Set(buckets), endpoint, maxBytes: 64_000, tellFault, authorize })
  return links({ others: { gs }, ...(timeoutMs !== undefined && { timeoutMs }) })
}

describe('objects', () => {
  test.each([
    ['a.jpg', 'gs://pictures/a.jpg'],
    ['deep/er/ada lovelace.jpg', 'gs://pictures/deep/er/ada lovelace.jpg'],
    ['100%25 #1?.jpg', 'GS://pictures/100%25 #1?.jpg'],
    ['größe/写真.jpg', 'gs://pictures/größe/写真.jpg'],
  ])('of a listed bucket are given, their names taken as written: %s', async (name, link) => {
    const endpoint = await openServer([{ bucket: 'pictures', name, bytes: PICTURE }])
    expect(await gsLinks({ endpoint }).fetch(link)).toMatchObject({ outcome: 'fetched', bytes: PICTURE })
  })

  test('over the limit are refused', async () => {
    const bytes = new Uint8Array(64_001)
    const endpoint = await openServer([{ bucket: 'pictures', name: 'a', bytes }])
    expect(await reasonOf(gsLinks({ endpoint }), 'gs://pictures/a')).toBe('too-large')
  })

  test('that are missing are a bad status, and no fault of ours', async () => {
    const endpoint = await openServer([{ bucket: 'pictures', name: 'a', bytes: PICTURE }])
    const faults: string[] = []
    const made = gsLinks({ endpoint, onFault: (code) => faults.push(code) })
    expect(await reasonOf(made, 'gs://pictures/b')).toBe('bad-status')
    expect(faults).toEqual([])
  })

  test('are asked for with the credentials found, to their own address only', async () => {
    const seen: string[] = []
    const { port } = await serve((request, response) => {
      seen.push(`${request.headers.authorization} ${request.url}`)
      response.writeHead(302, { location: 'http://elsewhere.test/' }).end()
    })
    const endpoint = `http://127.0.0.1:${port}/prefix/`
    const made = gsLinks({ endpoint, authorize: async () => 'Bearer token' })
    expect(await reasonOf(made, 'gs://pictures/a b')).toBe('bad-status')
    expect(seen).toEqual(['Bearer token /prefix/storage/v1/b/pictures/o/a%20b?alt=media'])
  })
})

describe('without asking the server', () => {
  const endpoint = 'http://127.0.0.1:9'

  test.each([
    ['gs://other/a.jpg', 'address-not-allowed'],
    ['gs://pictures', 'invalid-link'],
    ['gs://id:secret@pictures/a.jpg', 'invalid-link'],
    ['gs://pictures/..', 'invalid-link'],
    ['gs://pictures/../../o', 'invalid-link'],
    ['gs://pictures/a\r\nx-evil: 1', 'invalid-link'],
  ])('%s is refused', async (link, reason) => {
    expect(await reasonOf(gsLinks({ endpoint }), link)).toBe(reason)
  })

  test('every link is of an unknown scheme while no bucket is listed', async () => {
    const made = createImageLinks({ maxBytes: 1_000, gs: { buckets: [] } })
    closers.push(() => made.close())
    expect(await made.fetch('gs://pictures/a')).toMatchObject({ reason: 'unsupported-scheme' })
  })
})

describe('servers and credentials that misbehave', () => {
  test('an endpoint in the clear is asked without credentials, whatever this machine has', async () => {
    const endpoint = await openServer([{ bucket: 'pictures', name: 'a', bytes: PICTURE }])
    const made = createImageLinks({ maxBytes: 64_000, gs: { buckets: ['pictures'], endpoint } })
    closers.push(() => made.close())
    expect((await made.fetch('gs://pictures/a')).outcome).toBe('fetched')
  })

  test('credentials that cannot be had are told to the operator, not to the caller', async () => {
    const faults: string[] = []
    const authorize = async () => Promise.reject(Object.assign(new Error('secret'), { code: 'ENOENT' }))
    const made = gsLinks({ endpoint: 'http://127.0.0.1:9', authorize, onFault: (code) => faults.push(code) })
    expect(await made.fetch('gs://pictures/a')).toEqual({ outcome: 'refused', reason: 'unreachable' })
    expect(faults).toEqual(['ENOENT'])
  })

  test('credentials that never come cost no more than the deadline', async () => {
    const authorize = () => new Promise<never>(() => undefined)
    const made = gsLinks({ endpoint: 'http://127.0.0.1:9', authorize, timeoutMs: 100 })
    expect(await reasonOf(made, 'gs://pictures/a')).toBe('timeout')
  })

  test.each([
    [401, 'bad-status'],
    [403, 'bad-status'],
    [429, 'unreachable'],
    [503, 'unreachable'],
  ])('status %i is told', async (status, reason) => {
    const { port } = await serve((_request, response) => response.writeHead(status).end('secret'))
    const faults: string[] = []
    const endpoint = `http://127.0.0.1:${port}`
    const made = gsLinks({ endpoint, onFault: (code) => faults.push(code) })
    expect(await made.fetch('gs://pictures/a')).toEqual({ outcome: 'refused', reason })
    expect(faults).toEqual([`HTTP-${status}`])
  })

  test('a body that drips for ever costs no more than the deadline', async () => {
    const { port } = await serve((_request, response) => {
      const drip = setInterval(() => response.write('.'), 5)
      response.once('close', () => clearInterval(drip))
    })
    const made = gsLinks({ endpoint: `http://127.0.0.1:${port}`, timeoutMs: 150 })
    expect(await reasonOf(made, 'gs://pictures/a')).toBe('timeout')
  })

  test('a compressed answer is refused', async () => {
    const { port } = await serve((_request, response) =>
      response.setHeader('content-encoding', 'gzip').end('x'),
    )
    const made = gsLinks({ endpoint: `http://127.0.0.1:${port}` })
    expect(await reasonOf(made, 'gs://pictures/a')).toBe('bad-status')
  })
})
