import { createNaiveImageStore, createNaiveImportStore, openTestGallery } from '@semblance/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'

/** As Excel writes it on a Windows of the West: every row has bytes that are no UTF-8. */
const CSV = Buffer.from('key;name\r\na;Zo\xeb M\xfcller\r\nb;Fran\xe7ois \x8aimek\r\n', 'latin1')
const NAMES = ['Zoë Müller', 'François Šimek']

let api: TestApi
let namesOf: (path: string) => Promise<readonly (string | undefined)[]>
beforeEach(async () => {
  const gallery = openTestGallery()
  const imports = createNaiveImportStore(gallery.clock)
  const staged = createNaiveImageStore(gallery.clock)
  api = await openTestApi({ gallery, deps: { importing: { imports, staged, maxStagedBytes: 1_000_000 } } })
  namesOf = async (path) => {
    const id = path.split('/').at(-1) as Parameters<typeof imports.rows.list>[0]['id']
    const rows = await imports.rows.list({ id, after: 0, limit: 10 })
    return rows.filter(({ outcome }) => outcome === null).map(({ name }) => name)
  }
})
afterEach(() => api.close())

const begin = async () => {
  const { json } = await api.ask('POST', '/api/imports', { body: { name: 'staff' } })
  return `/api/imports/${json.id}`
}
const send = (path: string, type: string) =>
  api.ask('POST', `${path}/rows`, { headers: { 'content-type': type }, raw: CSV })

describe('a CSV that is all Windows-1252', () => {
  it.each([
    'windows-1252',
    'Windows-1252; header=present',
    '"iso-8859-1"',
    'latin1',
    'CP1252',
  ])('has its names right if the charset %s says so', async (charset) => {
    const path = await begin()
    expect((await send(path, `text/csv; charset=${charset}`)).json).toMatchObject({ added: 2, invalid: 0 })
    expect(await namesOf(path)).toEqual(NAMES)
  })

  it('has its names right if the query of an upload says so', async () => {
    const path = await begin()
    const headers = { 'content-type': 'application/octet-stream' }
    const sent = await api.ask('PUT', `${path}/content?encoding=windows-1252`, { headers, raw: CSV })
    expect([sent.status, sent.json.added]).toEqual([200, 2])
    expect(await namesOf(path)).toEqual(NAMES)
  })

  it('gives no wrong name if nobody says so, and the answer says what to do', async () => {
    const path = await begin()
    const { json } = await send(path, 'text/csv')
    expect(json).toMatchObject({ added: 0, invalid: 2 })
    expect(json.wrong[0]).toMatchObject({ key: 'a', field: 'row', msg: expect.stringContaining('say so') })
    expect(await namesOf(path)).toEqual([])
  })

  it('is refused with a charset that is not read', async () => {
    const { status, json } = await send(await begin(), 'text/csv; charset=shift_jis')
    expect([status, json.msg]).toEqual([400, expect.stringContaining('charset')])
  })
})
