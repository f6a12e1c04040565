import type { AppError, ImageId, ImageStore } from '@semblance/core'
import { newTestId } from '@semblance/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openS3rver } from '../testing/open-s3rver.ts'
import { errorXml, type S3StandIn, startS3StandIn } from '../testing/s3-stand-in.ts'
import { openS3ImageStore, type S3ImageStoreOptions } from './open-s3-image-store.ts'

const HOUR = 3_600_000
const ACCESS_KEY = 'AKIDEXAMPLE7'
const SECRET_KEY = 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY'
const IMAGE = newTestId<ImageId>()

let server: S3StandIn
const opened: ImageStore[] = []
beforeEach(async () => {
  server = await startS3StandIn()
})
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
  await server.close()
})

async function open(options: Partial<S3ImageStoreOptions> = {}): Promise<ImageStore> {
  const store = await openS3ImageStore({
    endpoint: server.endpoint,
    bucket: 'pictures',
    prefix: '',
    region: 'eu-central-1',
    forcePathStyle: true,
    credentials: { accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY },
    ...options,
  })
  opened.push(store)
  return store
}

function put(store: ImageStore, id: ImageId): Promise<void> {
  return store.put(id, new Uint8Array([1, 2, 3]))
}

describe('S3ImageStore', () => {
  it('keeps to its prefix, and passes over what is no picture there', async () => {
    const [ours, theirs] = [await open({ prefix: 'b/' }), await open({ prefix: 'a/' })]
    await put(theirs, IMAGE)
    await fetch(`${server.endpoint}/pictures/b/readme.txt`, { method: 'PUT', body: 'no picture' })
    expect(await ours.get(IMAGE)).toBeNull()
    expect(await ours.list({ after: null, limit: 9, untouchedMs: 0 })).toEqual([])
    await put(ours, IMAGE)
    server.age(1000)
    expect(await ours.list({ after: null, limit: 9, untouchedMs: 0 })).toEqual([IMAGE])
  })

  it.each([-HOUR, HOUR])('judges ages by the clock of the server, here %i ms off ours', async (offsetMs) => {
    server.setClock(offsetMs)
    const store = await open()
    await put(store, IMAGE)
    server.age(10_000)
    expect(await store.list({ after: null, limit: 1, untouchedMs: 5000 })).toEqual([IMAGE])
    expect(await store.list({ after: null, limit: 1, untouchedMs: 60_000 })).toEqual([])
  })

  it('asks for the encryption that is configured, and for none else', async () => {
    await put(await open({ serverSideEncryption: 'aws:kms' }), IMAGE)
    await put(await open(), IMAGE)
    const asked = server.requests.map(({ headers }) => headers['x-amz-server-side-encryption'])
    expect(asked).toEqual(['aws:kms', undefined])
  })

  it('lets no id but a UUID become part of a key', async () => {
    const store = await open()
    expect(() => store.get('../secret' as ImageId)).toThrow(TypeError)
    expect(server.requests).toEqual([])
  })

  it('opens while the server is away, and says so when it is asked', async () => {
    const away = await startS3StandIn()
    await away.close()
    const store = await open({ endpoint: away.endpoint })
    await expect(store.check()).rejects.toMatchObject({ code: 'E_PICTURES_UNAVAILABLE', retryable: true })
  })
})

describe('S3ImageStore on bad days', () => {
  it('tries again what the server could not do at first, and not without end', async () => {
    let failures = 2
    server.intercept((_, response) => {
      if (failures-- <= 0) return false
      response.writeHead(503).end(errorXml('SlowDown'))
      return true
    })
    const store = await open()
    await put(store, IMAGE)
    expect(await store.get(IMAGE)).toHaveLength(3)
    failures = Number.POSITIVE_INFINITY
    const before = server.requests.length
    await expect(store.get(IMAGE)).rejects.toMatchObject({ code: 'E_PICTURES_UNAVAILABLE' })
    expect(server.requests.length - before).toBe(3)
  })

  it.each([
    ['QuotaExceeded', 403],
    ['XMinioStorageFull', 507],
    ['XMinioAdminBucketQuotaExceeded', 400],
  ] as const)('tells that it is full when the server says %s, and goes on deleting', async (code, status) => {
    const store = await open()
    await put(store, IMAGE)
    server.intercept((request, response) => {
      if (request.method !== 'PUT') return false
      response.writeHead(status).end(errorXml(code))
      return true
    })
    await expect(put(store, IMAGE)).rejects.toMatchObject({ code: 'E_STORAGE_FULL', retryable: true })
    expect(await store.get(IMAGE)).toHaveLength(3)
    await store.delete(IMAGE)
    expect(await store.get(IMAGE)).toBeNull()
  })

  it('reads again a picture whose connection broke half way', async () => {
    const store = await open()
    await put(store, IMAGE)
    let failures = 1
    server.intercept(({ method }, response) => {
      if (method !== 'GET' || failures-- <= 0) return false
      response.writeHead(200, { 'content-length': 3 })
      response.write('x', () => response.destroy())
      return true
    })
    expect([...(await store.get(IMAGE))!]).toEqual([1, 2, 3])
  })

  it.each(['headers', 'body'])('gives up on a server that never sends the %s', async (missing) => {
    server.intercept((_, response) => {
      if (missing === 'body') response.writeHead(200, { 'content-length': 3 }).flushHeaders()
      return true
    })
    const store = await open({ timeoutMs: 200 })
    await expect(store.get(IMAGE)).rejects.toMatchObject({ code: 'E_PICTURES_UNAVAILABLE' })
  })

  it('lets its caller leave in the middle of a call, with the reason of the caller', async () => {
    const reason = new Error('the caller left')
    const controller = new AbortController()
    server.intercept(() => {
      controller.abort(reason)
      return true
    })
    await expect((await open()).get(IMAGE, controller)).rejects.toBe(reason)
  })

  it.each(['NoSuchBucket', 'AccessDenied'])('does not take %s for an absent picture', async (code) => {
    server.intercept((_, response) => {
      response.writeHead(code === 'AccessDenied' ? 403 : 404).end(errorXml(code))
      return true
    })
    await expect((await open()).get(IMAGE)).rejects.toMatchObject({ code: 'E_PICTURES_UNAVAILABLE' })
  })

  it('refuses to judge ages by a server that does not say what time it has', async () => {
    server.intercept((_, response) => {
      response.removeHeader('date')
      response.sendDate = false
      return false
    })
    const listing = (await open()).list({ after: null, limit: 1, untouchedMs: 0 })
    await expect(listing).rejects.toMatchObject({ code: 'E_PICTURES_UNAVAILABLE' })
  })

  it('tells no key and no credential, neither in the fault nor in what is behind it', async () => {
    server.intercept((_, response) => {
      const signed = `<AWSAccessKeyId>${ACCESS_KEY}</AWSAccessKeyId><StringToSign>${IMAGE}</StringToSign>`
      response.writeHead(403).end(errorXml('SignatureDoesNotMatch', signed))
      return true
    })
    const fault: AppError = await (await open()).get(IMAGE).then(
      () => expect.unreachable(),
      (error) => error,
    )
    const told = JSON.stringify([fault, fault.cause], deepNames)
    expect(String(fault.cause)).toContain('403 SignatureDoesNotMatch')
    for (const secret of [ACCESS_KEY, SECRET_KEY, IMAGE]) expect(told).not.toContain(secret)
  })
})

describe('S3ImageStore at a server that others wrote', () => {
  it('puts, gets, lists and deletes; a stranger is refused', async () => {
    const s3rver = await openS3rver('pictures')
    try {
      const { endpoint } = s3rver
      const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }
      const store = await open({ endpoint, credentials, prefix: 'enrolled/' })
      await store.check()
      await put(store, IMAGE)
      expect([...(await store.get(IMAGE))!]).toEqual([1, 2, 3])
      expect(await store.list({ after: null, limit: 1, untouchedMs: -1000 })).toEqual([IMAGE])
      await store.setAside(IMAGE)
      await store.setAside(IMAGE)
      expect(await store.get(IMAGE)).toBeNull()
      expect(await store.listSetAside({ after: null, limit: 1, untouchedMs: -1000 })).toEqual([IMAGE])
      await store.restore(IMAGE)
      await store.restore(IMAGE)
      expect([...(await store.get(IMAGE))!]).toEqual([1, 2, 3])
      await store.delete(IMAGE)
      expect(await store.get(IMAGE)).toBeNull()
      const stranger = await open({ endpoint })
      await expect(put(stranger, IMAGE)).rejects.toMatchObject({ code: 'E_PICTURES_UNAVAILABLE' })
      await store.close()
    } finally {
      await s3rver.close()
    }
  })
})

/** Of an error, also what JSON leaves out. */
function deepNames(_: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value
  return Object.fromEntries(Reflect.ownKeys(value).map((key) => [key, Reflect.get(value, key)]))
}
