import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openImportApi, type TestImportApi } from '../testing/open-import-api.ts'

/** Objects of a bucket, all of them in one listing. */
const OBJECTS = [
  'ada/1.jpg',
  'ada/.DS_Store',
  'grace/x/',
  'grace/2.jpg',
  'stray.jpg',
  `${'long/'.repeat(120)}.jpg`,
]

let api: TestImportApi
beforeEach(async () => {
  api = await openImportApi(OBJECTS)
})
afterEach(() => api.close())

describe('a source', () => {
  it('becomes rows whose pictures are links, a folder for each person', async () => {
    const path = await api.begin()
    const body = { url: 's3://faces/staff/', close: true }
    const begun = await api.ask('POST', `${path}/source`, { body })
    expect([begun.status, begun.headers.get('location')]).toEqual([202, path])
    expect(begun.json.source).toEqual({ ...body, state: 'reading', rows: 0, conflicts: 0 })
    const report = await api.finish(path)
    const rows = report.map(({ key, outcome, person }) => [key.slice(0, 11), outcome, person.slice(0, 21)])
    expect(rows).toEqual([
      ['ada/1.jpg', 'link-refused', 'externalId:ada'],
      ['grace/2.jpg', 'link-refused', 'externalId:grace'],
      ['stray.jpg', 'invalid', 'key:stray.jpg'],
      ['object-c59b', 'invalid', expect.stringContaining('key:object-c59b')],
    ])
    expect((await api.ask('GET', path)).json).toMatchObject({
      takesRows: false,
      source: { ...body, state: 'read', rows: 4 },
    })
  })

  it('is read by a pattern', async () => {
    const path = await api.begin()
    const body = { url: 's3://faces/', pattern: '{person}.jpg', close: true }
    expect((await api.ask('POST', `${path}/source`, { body })).status).toBe(202)
    const report = await api.finish(path)
    expect(report.map(({ person }) => person)).toContain('externalId:stray')
  })

  it('that is refused says why, in the record of the import', async () => {
    const path = await api.begin()
    await api.ask('POST', `${path}/source`, { body: { url: 'gs://other/', close: true } })
    await expect
      .poll(async () => (await api.ask('GET', path)).json.source)
      .toMatchObject({ state: 'failed', why: expect.stringContaining('SEMBLANCE_LINK_GS_BUCKETS') })
    expect((await api.ask('GET', path)).json.takesRows).toBe(true)
  })

  it.each([
    [{ url: 'https://a.example/photos/' }, 'url'],
    [{ url: 'ftp://a.example/photos.tar' }, 'url'],
    [{ url: 's3://faces' }, 'url'],
    [{ url: 'http://u:p@a.example/photos.tar' }, 'url must have no user and no password'],
    [{ url: 's3://faces/', pattern: '{who}.jpg' }, 'pattern'],
  ])('that is none is refused at once: %j', async (body, field) => {
    const path = await api.begin()
    const answer = await api.ask('POST', `${path}/source`, { body })
    expect([answer.status, answer.json.msg]).toEqual([400, expect.stringContaining(field)])
  })

  it('is not for an import that is closed or not there', async () => {
    const path = await api.begin()
    await api.ask('POST', `${path}/cancel`)
    const body = { url: 's3://faces/' }
    expect((await api.ask('POST', `${path}/source`, { body })).status).toBe(409)
    const other = path.replace(/[^/]+$/, '01890000-0000-7000-8000-000000000000')
    expect((await api.ask('POST', `${other}/source`, { body })).status).toBe(404)
  })
})
