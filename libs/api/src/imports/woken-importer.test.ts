import { afterEach, beforeEach, expect, it } from 'vitest'
import { openImportApi, type TestImportApi } from '../testing/open-import-api.ts'

/** As good as never. */
const LOOK_EVERY_MS = 600_000

let api: TestImportApi
beforeEach(async () => {
  api = await openImportApi(['photos/ada.jpg'], { lookEveryMs: LOOK_EVERY_MS })
})
afterEach(() => api.close())

async function addRow(path: string, row: object): Promise<void> {
  const headers = { 'content-type': 'application/x-ndjson' }
  await api.ask('POST', `${path}/rows`, { headers, raw: `${JSON.stringify(row)}\n` })
}

const ended = async (path: string) => (await api.ask('GET', path)).json.rows.ended

it('does rows as they come, and ends, long before its next look', async () => {
  const path = await api.begin()
  await addRow(path, { key: 'first' })
  await expect.poll(() => ended(path), { timeout: 5_000 }).toBe(1)
  await addRow(path, { key: 'second' })
  await expect.poll(() => ended(path), { timeout: 5_000 }).toBe(2)
  expect(await api.finish(path)).toHaveLength(2)
})

it('goes on at once when it is told to', async () => {
  const path = await api.begin()
  await api.ask('POST', `${path}/pause`)
  await addRow(path, { key: 'first' })
  await api.ask('POST', `${path}/resume`)
  await expect.poll(() => ended(path), { timeout: 5_000 }).toBe(1)
})

it('tries rows once more as soon as it is asked', async () => {
  const path = await api.begin()
  await addRow(path, { key: 'first', imageUrl: 'https://faces.example/ada.jpg' })
  await expect.poll(() => ended(path), { timeout: 5_000 }).toBe(1)
  const retried = await api.ask('POST', `${path}/retry`, { body: { all: true } })
  expect(retried.json.rows.ended).toBe(0)
  await expect.poll(() => ended(path), { timeout: 5_000 }).toBe(1)
})

it('reads a source as soon as it is named', async () => {
  const path = await api.begin()
  await api.ask('POST', `${path}/source`, { body: { url: 's3://faces/photos/' } })
  await expect
    .poll(async () => (await api.ask('GET', path)).json.source, { timeout: 5_000 })
    .toMatchObject({ state: 'read', rows: 1 })
})
