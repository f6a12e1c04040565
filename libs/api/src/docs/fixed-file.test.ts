import { request } from 'node:http'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await openTestApi()
})
afterAll(() => api.close())

/** `fetch` decodes what it gets; this shows it as it came. */
function get(path: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; bytes: Buffer }>(
    (resolve, reject) => {
      const call = request(`${api.url}${path}`, { headers }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk) => chunks.push(chunk))
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            bytes: Buffer.concat(chunks),
          }),
        )
      })
      call.on('error', reject)
      call.end()
    },
  )
}

describe.each([
  '/docs',
  '/docs/swagger-ui-bundle.js',
  '/docs/swagger-ui.css',
  '/docs/docs.js',
  '/openapi.json',
])('%s', (path) => {
  it('is the same in every encoding that the caller takes', async () => {
    const plain = await get(path)
    expect([plain.status, plain.headers['content-encoding']]).toEqual([200, undefined])
    for (const [accept, encoding, unpack] of [
      ['gzip, deflate, br', 'br', brotliDecompressSync],
      ['gzip', 'gzip', gunzipSync],
      ['br;q=0, GZIP;q=0.5', 'gzip', gunzipSync],
      ['deflate, gzip;q=0', undefined, (bytes: Buffer) => bytes],
    ] as const) {
      const packed = await get(path, { 'accept-encoding': accept })
      expect([packed.headers['content-encoding'], packed.headers.vary]).toEqual([encoding, 'Accept-Encoding'])
      expect(unpack(packed.bytes).equals(plain.bytes)).toBe(true)
    }
  })

  it('is not sent to whoever has it', async () => {
    const { headers } = await get(path, { 'accept-encoding': 'gzip' })
    const again = await get(path, { 'accept-encoding': 'gzip', 'if-none-match': String(headers.etag) })
    expect([again.status, again.bytes.byteLength, again.headers.etag]).toEqual([304, 0, headers.etag])
    expect((await get(path, { 'if-none-match': '"other"' })).status).toBe(200)
  })
})
