import { request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { aPicture, createNaiveImageStore, createNaiveImportStore, openTestGallery } from '@semblance/testkit'
import { pack } from 'tar-stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'

const NDJSON = { 'content-type': 'application/x-ndjson' }
const ROWS = 40
/** Written in one go. */
const FULL_BATCH = 200

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

  it.each([
    ['POST', 'rows'],
    ['PUT', 'content'],
  ] as const)('that came whole are kept where the client breaks off while they are written: %s of %s', async (method, call) => {
    const path = await begin()
    const whole = Array.from({ length: FULL_BATCH }, (_, i) => lineOf(`row ${i}`)).join('')
    const writing = holdFirstPut(staged)
    const sending = request(`${api.url}${path}/${call}`, { method, headers: NDJSON })
    sending.on('error', () => {})
    sending.write(`${whole}{"key": "cut o`)
    await writing.begun
    sending.destroy()
    // So that the server sees it before the write goes on.
    await sleep(300)
    writing.goOn()
    await expect.poll(() => totalOf(path), { timeout: 10_000 }).toBe(FULL_BATCH)
  })

  it('of a tar whose manifest comes late are told to be of wrong persons, and how to take them back', async () => {
    const path = await begin()
    const raw = await tarOf({ 'ada/1.jpg': 'x', 'manifest.csv': 'key,file\nk,ada/1.jpg\n' })
    const headers = { 'content-type': 'application/x-tar' }
    const { status, json } = await api.ask('PUT', `${path}/content`, { headers, raw })
    expect([status, json]).toMatchObject([400, { metadata: { taken: { added: 1 } } }])
    expect(json.msg).toContain('taken by their folders')
    expect(json.msg).toContain(`POST ${path}/cancel, then DELETE ${path}?persons=created&dryRun=true`)
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

function holdFirstPut(staged: ReturnType<typeof createNaiveImageStore>) {
  const [begun, going] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const { put } = staged
  staged.put = async (...args) => {
    begun.resolve()
    await going.promise
    return put(...args)
  }
  return { begun: begun.promise, goOn: going.resolve }
}

async function tarOf(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const tar = pack()
  for (const [name, text] of Object.entries(files)) tar.entry({ name }, text)
  tar.finalize()
  return buffer(tar)
}
