import { createNaiveImageStore, createNaiveImportStore, openTestGallery } from '@semblance/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { faultsOfText } from '../testing/answer-faults.ts'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'

const LONG = 'x'.repeat(1_025)
const LONG_KEY = 'k'.repeat(513)
const GROUPS = Array.from({ length: 1_001 }, () => '01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e77')
const TIME = '2026-01-01T00:00:00Z'
const ID = GROUPS[0]

let api: TestApi
let path: string
beforeAll(async () => {
  const gallery = openTestGallery()
  const imports = createNaiveImportStore(gallery.clock)
  const staged = createNaiveImageStore(gallery.clock)
  const importing = { imports, staged, maxStagedBytes: 1_000_000 }
  api = await openTestApi({ gallery, deps: { importing } })
  path = `/api/imports/${(await api.ask('POST', '/api/imports', { body: { name: 'staff' } })).json.id}`
})
afterAll(() => api.close())

const send = async (row: object) => {
  const headers = { 'content-type': 'application/x-ndjson' }
  return (await api.ask('POST', `${path}/rows`, { headers, raw: JSON.stringify(row) })).json
}

describe('a wrong row is told in plain words that name its field', () => {
  it.each([
    ['key', { key: LONG_KEY }, 'must have at most 512 characters'],
    ['person.externalId', { person: { externalId: LONG } }, 'must have at most 1024 characters'],
    ['person.key', { person: { key: LONG } }, 'must have at most 1024 characters'],
    ['person.id', { person: { id: 'nobody' } }, null],
    ['name', { name: LONG }, 'must have at most 1024 characters'],
    ['groups', { groups: GROUPS }, 'must have at most 1000 items'],
    ['groups.0', { groups: ['none'] }, null],
    ['imageUrl', { imageUrl: `https://h/${'x'.repeat(20_000)}` }, null],
    ['metadata', { metadata: { a: 'x'.repeat(70_000) } }, null],
    ['expireAt', { expireAt: 'never' }, null],
    [
      'restore.person.createdAt',
      { person: { id: ID }, restore: { person: { createdAt: 1, updatedAt: TIME } } },
      null,
    ],
    ['restore.group.id', { restore: { group: { id: 7, createdAt: TIME } } }, null],
    [
      'restore.image.sha256',
      { person: { id: ID }, restore: { image: { id: ID, createdAt: TIME, sha256: 'x' } } },
      'must be a SHA-256 in lower-case hex',
    ],
  ])('%s', async (field, row, words) => {
    const { invalid, wrong } = await send({ key: `of ${field}`, ...row })
    expect(invalid).toBe(1)
    const [{ field: named, msg }] = wrong
    expect(named).toBe(field)
    expect(faultsOfText(`${named} ${msg}`), msg).toEqual([])
    if (words !== null) expect(msg).toBe(words)
  })
})
