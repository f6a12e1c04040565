import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { aPicture, createNaiveImageStore, createNaiveImportStore, openTestGallery } from '@semblance/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'

const NDJSON = { 'content-type': 'application/x-ndjson' }
const ROWS = 40

let api: TestApi
let staged: ReturnType<typeof createNaiveImageStore>
beforeEach(async () => {
  const gallery = openTestGallery()
  staged = createNaiveImageStore(gallery.clock)
  const imports = createNaiveImportStore(gallery.clock)
  const importing = { imports, staged, maxStagedBytes: 10_000_000, maxPictureBytes: 1_000_000 }
  api = await openTestApi({ gallery, deps: { importing } })
})
afterEach(() => api.close())

const begin = async () => {
  const { json } = await api.ask('POST', '/api/imports', { body: { name: 'staff' } })
  return `/api/imports/${json.id}`
}
const keys = Array.from({ length: ROWS }, (_, i) => `row ${i}`)
/** Longer than what is read of an upload to tell its kind. */
const metadata = { note: 'x'.repeat(1_000) }
const lineOf = (key: string) =>
  `${JSON.stringify({ key, metadata, picture: Buffer.from(aPicture({ identities: [key] })).toString('base64') })}\n`
const totalOf = async (path: string) => (await api.ask('GET', path)).json.rows.total as number
const stagedPictures = () => staged.list({ after: null, limit: 1_000, untouchedMs: 0 })

describe('rows', () => {
  it.each([
    ['POST', 'rows'],
    ['PUT', 'content'],
  ] as const)('that clients send at once by %s of %s are taken once', async (method, call) => {
    const path = await begin()
    const raw = keys.map(lineOf).join('')
    const told = await Promise.all(
      [0, 1, 2].map(() => api.ask(method, `${path}/${call}`, { headers: NDJSON, raw })),
    )
    const sum = (field: string) => told.reduce((total, { json }) => total + json[field], 0)
    expect([sum('added'), sum('known'), sum('conflicts')]).toEqual([ROWS, 2 * ROWS, 0])
    expect(await totalOf(path)).toBe(ROWS)
    expect(await stagedPictures()).toHaveLength(ROWS)
  })

  it('of a client that is cut off again and again are all taken, once, if it asks what is there', async () => {
    const path = await begin()
    let left = keys
    let cuts = 0
    while (left.length > 0) {
      await sendAndHangUp(`${path}/rows`, left.map(lineOf).slice(0, 9))
      cuts += 1
      const { json } = await api.ask('POST', `${path}/rows/known`, { body: { keys } })
      left = keys.filter((key) => !json.known.includes(key))
      if (cuts > 3 * ROWS) break
    }
    expect(left).toEqual([])
    expect(cuts).toBeGreaterThan(3)
    expect(await totalOf(path)).toBe(ROWS)
    expect(await stagedPictures()).toHaveLength(ROWS)
  })

  const reportOf = async (path: string) =>
    (await api.ask('GET', `${path}/report`)).text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))

  it.each([
    ['NDJSON', 'application/x-ndjson', ['{"key":"a","expireAt":"never"}', '{"key":"a","expireAt":"soon"}']],
    [
      'lines of NDJSON without a form',
      'application/x-ndjson',
      ['{"key":"a","name":1}', '{"key":"a","name":2}'],
    ],
    ['CSV', 'text/csv', ['key,name,expire_at', 'a,Ada,never', 'a,Bob,never']],
    ['a CSV with too many cells', 'text/csv', ['key,name', 'a,Ada,x', 'a,Bob,x']],
  ])('of %s that are wrong, and have one key, are two in the report', async (_kind, type, raw) => {
    const path = await begin()
    const send = () =>
      api.ask('POST', `${path}/rows`, { headers: { 'content-type': type }, raw: raw.join('\n') })
    const { json } = await send()
    expect(json).toMatchObject({ added: 0, invalid: 2, conflicts: 0 })
    const report = await reportOf(path)
    expect(report).toMatchObject([{ outcome: 'invalid' }, { outcome: 'invalid' }])
    expect(json.wrong.map((one: { key: string }) => one.key)).toEqual(report.map(({ key }) => key))
    expect(new Set(report.map(({ key }) => key)).size).toBe(2)
    // Sent again, they have no second effect.
    await send()
    expect(await totalOf(path)).toBe(2)
  })

  it('that are wrong, and whose key a good one has, are in the report beside it', async () => {
    const path = await begin()
    const raw = ['{"key":"a","name":"Ada"}', '{"key":"a","name":1}'].join('\n')
    const { json } = await api.ask('POST', `${path}/rows`, { headers: NDJSON, raw })
    expect(json).toMatchObject({
      added: 1,
      invalid: 1,
      conflicts: 0,
      wrong: [{ position: 2, field: 'name' }],
    })
    expect((await reportOf(path)).filter(({ outcome }) => outcome === 'invalid')).toHaveLength(1)
  })
})

/** Sends whole lines and a part of one more, and breaks the connection before the body's end. */
async function sendAndHangUp(path: string, lines: readonly string[]): Promise<void> {
  const sending = request(`${api.url}${path}`, { method: 'POST', headers: NDJSON })
  sending.on('error', () => {})
  await new Promise((resolve) => sending.write(`${lines.join('')}{"key": "cut o`, resolve))
  await sleep(20)
  sending.destroy()
  // What the server has of it by then is written after its sender has left.
  await sleep(20)
}
