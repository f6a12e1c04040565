import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { checkLinkBuckets, checkPictureBucket } from './check-buckets.ts'

interface S3rver {
  run(): Promise<{ readonly port: number }>
  close(): Promise<void>
}
// Written without types of its own.
const S3rver = createRequire(import.meta.url)('s3rver') as new (options: object) => S3rver

const { signal } = new AbortController()
const closers: (() => Promise<unknown>)[] = []
beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'S3RVER')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'S3RVER')
})
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const close of closers.splice(0)) await close()
})

async function openServer(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'semblance doctor s3 '))
  const configureBuckets = [{ name: 'faces', configs: [] }]
  const server = new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory, configureBuckets })
  const { port } = await server.run()
  closers.push(() => server.close().then(() => rm(directory, { recursive: true })))
  return `http://127.0.0.1:${port}`
}

/** Passes on what it lets through, and answers 403 to the rest. */
async function forbidding(method: string, endpoint: string): Promise<string> {
  const pass = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.method === method) {
      response.writeHead(403).end('<Error><Code>AccessDenied</Code><Message>no</Message></Error>')
      return
    }
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const answer = await fetch(`${endpoint}${request.url}`, {
      method: request.method!,
      headers: Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
        ['host', 'connection', 'content-length', 'expect', 'transfer-encoding'].includes(name)
          ? []
          : [[name, String(value)]],
      ),
      ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
    })
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/xml' })
    response.end(Buffer.from(await answer.arrayBuffer()))
  }
  const server = createServer((request, response) => void pass(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(async () => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const pictures = (endpoint: string, bucket = 'faces') =>
  checkPictureBucket(
    {
      SEMBLANCE_PICTURES: 's3',
      SEMBLANCE_S3_BUCKET: bucket,
      SEMBLANCE_S3_ENDPOINT: endpoint,
      SEMBLANCE_S3_REGION: 'us-east-1',
      SEMBLANCE_S3_PREFIX: 'pictures/',
    },
    signal,
  )
const links = (endpoint: string, bucket: string) =>
  checkLinkBuckets(
    {
      SEMBLANCE_LINK_S3_BUCKETS: [bucket],
      SEMBLANCE_LINK_S3_ENDPOINT: endpoint,
      SEMBLANCE_LINK_S3_REGION: 'us-east-1',
      SEMBLANCE_LINK_GS_BUCKETS: [],
    },
    signal,
  )

describe('semblance doctor, of buckets', () => {
  it('finds nothing wrong with one that can be used, and leaves nothing there', async () => {
    const endpoint = await openServer()
    expect(await pictures(endpoint)).toMatchObject([{ state: 'fine' }])
    expect(await links(endpoint, 'faces')).toMatchObject([{ state: 'fine' }])
    const listed = await (await fetch(`${endpoint}/faces`)).text()
    expect(listed).not.toContain('<Key>')
  })

  it('says of one that is not there what to set', async () => {
    const endpoint = await openServer()
    expect(await pictures(endpoint, 'none')).toMatchObject([
      { state: 'wrong', advice: expect.stringContaining('SEMBLANCE_S3_BUCKET') },
    ])
    expect(await links(endpoint, 'none')).toMatchObject([
      { state: 'wrong', advice: expect.stringContaining('SEMBLANCE_LINK_S3_BUCKETS') },
    ])
  })

  it('says which right is missing', async () => {
    const endpoint = await openServer()
    expect(await pictures(await forbidding('PUT', endpoint))).toMatchObject([
      { state: 'wrong', advice: expect.stringContaining('s3:PutObject') },
    ])
    expect(await pictures(await forbidding('DELETE', endpoint))).toMatchObject([
      { state: 'wrong', advice: expect.stringContaining('s3:DeleteObject') },
    ])
  })

  it('looks at none where none is configured', async () => {
    const settings = { SEMBLANCE_S3_REGION: 'x', SEMBLANCE_S3_PREFIX: '' }
    expect(await checkPictureBucket({ ...settings, SEMBLANCE_PICTURES: 'mongo' }, signal)).toEqual([])
  })
})
