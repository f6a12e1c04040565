import type { ObjectListing } from '@semblance/core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createObjectListing, type ObjectListingOptions } from './object-listing.ts'
import { closeAll, closers, serve } from './testing/link-rig.ts'
import { openGcsServer } from './testing/open-gcs-server.ts'
import { openS3rver, S3RVER_KEYS } from './testing/open-s3rver.ts'

afterEach(closeAll)
afterEach(() => void vi.unstubAllEnvs())
beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', S3RVER_KEYS.accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', S3RVER_KEYS.secretAccessKey)
  vi.stubEnv('AWS_SESSION_TOKEN', undefined)
})

const KEYS = [
  'staff/ada/1.jpg',
  'staff/ada/2 +.jpg',
  'staff/größe/100%25.jpg',
  'staff/写/a.jpg',
  'stagé/b.jpg',
]
const STAFF = KEYS.slice(0, -1)
const bytes = Buffer.from('x')

function listing(options: ObjectListingOptions): ObjectListing {
  const made = createObjectListing(options)
  closers.push(() => made.close())
  return made
}

const SERVICES = {
  s3: async (keys: readonly string[]) => {
    const endpoint = await openS3rver(keys.map((key) => ({ bucket: 'faces', key, bytes })))
    return listing({ s3: { buckets: ['faces', 'none'], endpoint, region: 'us-east-1' } })
  },
  gs: async (keys: readonly string[]) => {
    const objects = keys.map((name) => ({ bucket: 'faces', name, bytes }))
    const endpoint = await openGcsServer(objects, process.env.TEST_GCS_URL)
    return listing({ gs: { buckets: ['faces', 'none'], endpoint } })
  },
}

/** s3rver cuts no list short: for that it wants a cipher that OpenSSL no longer has. */
const PAGED = {
  ...SERVICES,
  s3: async (keys: readonly string[]) => {
    const { port } = await serve((incoming, response) => {
      const query = new URL(incoming.url ?? '', 'http://s3.test').searchParams
      const rest = keys.filter(
        (key) => key.startsWith(query.get('prefix') ?? '') && key > (query.get('start-after') ?? ''),
      )
      const limit = Number(query.get('max-keys'))
      const names = rest.slice(0, limit).map((key) => encodeURIComponent(key).replaceAll('%20', '+'))
      const contents = names.map((name) => `<Contents><Key>${name}</Key></Contents>`).join('')
      const how = `<EncodingType>${query.get('encoding-type')}</EncodingType><IsTruncated>${rest.length > limit}</IsTruncated>`
      response
        .setHeader('content-type', 'application/xml')
        .end(`<ListBucketResult>${how}${contents}</ListBucketResult>`)
    })
    const endpoint = `http://127.0.0.1:${port}`
    return listing({ s3: { buckets: ['faces'], endpoint, region: 'us-east-1' } })
  },
}

describe.each(Object.keys(SERVICES) as readonly (keyof typeof SERVICES)[])('objects of %s', (scheme) => {
  test('are listed by the order of their keys, as they are written', async () => {
    const to = await SERVICES[scheme](KEYS)
    const all = await to.list({ prefix: `${scheme}://faces/staff/`, after: null, limit: 100 })
    expect(all).toEqual({ outcome: 'listed', keys: STAFF, isEnd: true })
    const whole = await to.list({ prefix: `${scheme}://faces/`, after: null, limit: 100 })
    expect(whole).toMatchObject({ keys: KEYS })
  })

  test('are listed from any key on', async () => {
    const to = await SERVICES[scheme](KEYS)
    const rest = await to.list({ prefix: `${scheme}://faces/staff/`, after: STAFF[1] ?? '', limit: 100 })
    expect(rest).toEqual({ outcome: 'listed', keys: STAFF.slice(2), isEnd: true })
  })

  test('are listed part by part', async () => {
    const to = await PAGED[scheme](KEYS)
    const seen: string[] = []
    for (let after: string | null = null; ; ) {
      const part = await to.list({ prefix: `${scheme}://faces/staff/`, after, limit: 2 })
      if (part.outcome === 'refused') throw new Error(part.reason)
      expect(part.keys.length).toBeLessThanOrEqual(2)
      seen.push(...part.keys)
      after = part.keys.at(-1) ?? after
      if (part.isEnd) break
    }
    expect(seen).toEqual(STAFF)
  })

  test.each([
    ['other', 'address-not-allowed'],
    ['A b', 'invalid-link'],
  ])('of the bucket %s are refused', async (bucket, reason) => {
    const to = await SERVICES[scheme]([])
    const prefix = `${scheme}://${bucket}/x/`
    expect(await to.list({ prefix, after: null, limit: 1 })).toEqual({ outcome: 'refused', reason })
  })

  test('of a server that is gone, or of one that never answers, may come later', async () => {
    const silent = await serve(() => undefined)
    const options = (port: number) => ({
      ...{ buckets: ['faces'], endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1' },
    })
    const query = { prefix: `${scheme}://faces/`, after: null, limit: 1 }
    const slow = listing({ [scheme]: options(silent.port), timeoutMs: 100 })
    expect(await slow.list(query)).toEqual({ outcome: 'refused', reason: 'timeout' })
    const gone = listing({ [scheme]: options(1) })
    expect(await gone.list(query)).toEqual({ outcome: 'refused', reason: 'unreachable' })
  })

  test('that may not be listed are a bad status, and told to the operator', async () => {
    const no = await serve((_, response) => void response.writeHead(403).end())
    const faults: string[] = []
    const at = { buckets: ['faces'], endpoint: `http://127.0.0.1:${no.port}`, region: 'us-east-1' }
    const to = listing({ [scheme]: at, onFault: (message) => faults.push(message) })
    const outcome = await to.list({ prefix: `${scheme}://faces/`, after: null, limit: 1 })
    expect(outcome).toEqual({ outcome: 'refused', reason: 'bad-status' })
    expect(faults).toHaveLength(1)
  })
})

test.each([
  's3://faces/',
  'gs://faces/',
  'https://a.example/',
  '',
])('nothing is listed by %s while it is not switched on', async (prefix) => {
  const to = listing({ s3: { buckets: [], region: 'x' } })
  const refusal = { outcome: 'refused', reason: 'unsupported-scheme' }
  expect(await to.list({ prefix, after: null, limit: 1 })).toEqual(refusal)
})
