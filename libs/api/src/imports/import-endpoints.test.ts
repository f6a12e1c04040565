import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { aPicture } from '@semblance/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MAX_PICTURE_BYTES, openImportApi, type TestImportApi } from '../testing/open-import-api.ts'

const run = promisify(execFile)
const NDJSON = { 'content-type': 'application/x-ndjson' }
const CSV = { 'content-type': 'text/csv' }
const base64 = (scene: Parameters<typeof aPicture>[0] = {}) => Buffer.from(aPicture(scene)).toString('base64')
const lines = (...rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('')

let api: TestImportApi
beforeEach(async () => {
  api = await openImportApi()
})
afterEach(() => api.close())

describe('an import', () => {
  it('takes rows as NDJSON, and tells what came of each', async () => {
    const path = await api.begin()
    const taken = await api.ask('POST', `${path}/rows`, {
      headers: NDJSON,
      raw: lines(
        { key: 'a', person: { externalId: 'ada' }, name: 'Ada', metadata: { n: 1 }, picture: base64() },
        { key: 'b', picture: base64({ identities: [] }) },
        { key: 'c', imageUrl: 'http://10.0.0.1/x.jpg' },
        { key: 'd', groups: ['x'] },
      ),
    })
    expect(taken.json).toMatchObject({ added: 3, known: 0, invalid: 1, conflicts: 0 })
    expect(taken.json.wrong).toMatchObject([
      { key: 'd', position: 4, field: expect.stringContaining('groups') },
    ])
    const report = await api.finish(path)
    expect(report.map(({ key, outcome }) => [key, outcome])).toEqual([
      ['a', 'enrolled'],
      ['b', 'no-face'],
      ['c', 'link-refused'],
      ['d', 'invalid'],
    ])
    const person = await api.ask('GET', `/api/persons/${report[0].personId}`)
    expect(person.json).toMatchObject({ name: 'Ada', externalId: 'ada', metadata: { n: 1 } })
    expect((await api.ask('GET', path)).json.rows).toMatchObject({
      total: 4,
      ended: 4,
      byOutcome: { enrolled: 1, 'no-face': 1, 'link-refused': 1, invalid: 1 },
    })
  })

  it('tells of a picture that is too large to be kept, and goes on with the others', async () => {
    const path = await api.begin()
    const large = Buffer.alloc(MAX_PICTURE_BYTES + 1).toString('base64')
    const raw = lines({ key: 'a', picture: large }, { key: 'b', picture: base64() })
    const taken = await api.ask('POST', `${path}/rows`, { headers: NDJSON, raw })
    expect(taken.json).toMatchObject({ added: 1, invalid: 1, wrong: [{ key: 'a', field: 'picture' }] })
  })

  it('has a row in its report that its sender could not make', async () => {
    const path = await api.begin()
    const sourceProblem = { field: 'picture', message: 'is not there' }
    const raw = lines({ key: 'a.jpg', sourceProblem })
    const taken = await api.ask('POST', `${path}/rows`, { headers: NDJSON, raw })
    expect(taken.json).toMatchObject({ added: 0, invalid: 1, wrong: [{ key: 'a.jpg', field: 'picture' }] })
    expect(await api.finish(path)).toMatchObject([{ key: 'a.jpg', outcome: 'invalid', field: 'picture' }])
  })

  it('takes CSV', async () => {
    const path = await api.begin()
    const raw = '\ufeffkey;external_id;name;url\n1;ada;"Lovelace; Ada";http://10.0.0.1/a.jpg\n2;bob;Bob;\n'
    expect((await api.ask('POST', `${path}/rows`, { headers: CSV, raw })).json).toMatchObject({ added: 2 })
    const [refused, written] = await api.finish(path)
    expect([refused.why, written.outcome]).toEqual([expect.stringContaining('LINK_HOSTS'), 'person-written'])
    expect((await api.ask('POST', `${path}/retry`)).json.retried).toBe(0)
    const { json } = await api.ask('POST', `${path}/retry`, { body: { all: true } })
    expect([json.retried, json.rows.byOutcome]).toEqual([1, { 'person-written': 1 }])
  })

  it('takes no row of what is no manifest: an export in lines, or a CSV whose external id is misspelt', async () => {
    const path = await api.begin()
    const end = lines({ type: 'end', groups: 0, persons: 0, images: 0 })
    const csv = 'key,externl_id,name,file\n1,7,Ada,a.jpg\n'
    for (const [headers, raw, why] of [
      [NDJSON, end, 'it is an export in lines'],
      [CSV, csv, 'did you mean external_id?'],
    ] as const) {
      const { status, json } = await api.ask('POST', `${path}/rows`, { headers, raw })
      expect([status, json.type]).toEqual([400, 'ImportSourceUnreadable'])
      expect(json.msg).toContain(why)
    }
    expect((await api.ask('GET', path)).json.rows.total).toBe(0)
  })

  it('keeps the link of a row whose server was away, for another try', async () => {
    const path = await api.begin()
    const raw = lines({ key: 'a', imageUrl: 'http://away.test/x.jpg' })
    await api.ask('POST', `${path}/rows`, { headers: NDJSON, raw })
    expect(await api.finish(path)).toMatchObject([
      { key: 'a', outcome: 'failed', why: 'the link gave no picture: unreachable' },
    ])
    expect((await api.ask('POST', `${path}/retry`)).json.rows.byOutcome.failed ?? 0).toBe(0)
  })

  it('takes an archive of pictures, a folder for each person', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'semblance-archive-'))
    for (const [name, scene] of [
      ['Ada/1.jpg', {}],
      ['Ada/2.jpg', { variation: 1 }],
      ['Bob/1.jpg', { identities: ['bob'] }],
    ] as const) {
      await mkdir(join(folder, name, '..'), { recursive: true })
      await writeFile(join(folder, name), aPicture(scene))
    }
    const { stdout } = await run('tar', ['-czf', '-', '-C', folder, 'Ada', 'Bob'], { encoding: 'buffer' })
    await rm(folder, { recursive: true })
    const path = await api.begin()
    const gzip = { 'content-type': 'application/gzip' }
    const taken = await api.ask('PUT', `${path}/content`, { headers: gzip, raw: stdout })
    expect(taken.json).toMatchObject({ added: 3, invalid: 0 })
    const report = await api.finish(path)
    expect(report.map(({ key, person, outcome }) => [key, person, outcome]).toSorted()).toEqual([
      ['Ada/1.jpg', 'externalId:Ada', 'enrolled'],
      ['Ada/2.jpg', 'externalId:Ada', 'enrolled'],
      ['Bob/1.jpg', 'externalId:Bob', 'enrolled'],
    ])
    const cut = stdout.subarray(0, stdout.byteLength / 2)
    const broken = await api.ask('PUT', `${await api.begin()}/content`, { headers: gzip, raw: cut })
    expect(broken.json).toMatchObject({ type: 'ImportSourceUnreadable', metadata: { code: 'truncated' } })
    // What came before the end that was missing is taken.
    const csv = 'key,name\n1,Ada\n2,"Bob'
    const cutCsv = await api.ask('POST', `${await api.begin()}/rows`, { headers: CSV, raw: csv })
    expect(cutCsv.json).toMatchObject({ type: 'ImportSourceUnreadable', metadata: { taken: { added: 1 } } })
  })

  it('takes rows that are sent again once', async () => {
    const path = await api.begin()
    const raw = lines({ key: 'a', picture: base64() })
    await api.ask('POST', `${path}/rows`, { headers: NDJSON, raw })
    expect((await api.ask('POST', `${path}/rows`, { headers: NDJSON, raw })).json).toMatchObject({ known: 1 })
    const other = lines({ key: 'a', picture: base64({ variation: 1 }) })
    const { json: told } = await api.ask('POST', `${path}/rows`, { headers: NDJSON, raw: other })
    expect(told).toMatchObject({ conflicts: 1, wrong: [{ key: 'a', field: 'key' }] })
    const known = await api.ask('POST', `${path}/rows/known`, { body: { keys: ['a', 'b'] } })
    const pictureSha256 = createHash('sha256').update(base64(), 'base64').digest('hex')
    expect(known.json).toEqual({ known: ['a'], rows: [{ key: 'a', pictureSha256 }] })
    expect(await api.finish(path)).toHaveLength(1)
  })

  it('takes rows without a key for what they hold, whatever upload they come in', async () => {
    const path = await api.begin()
    const send = async (raw: string) => (await api.ask('POST', `${path}/rows`, { headers: NDJSON, raw })).json
    expect(await send(lines({ name: 'First' }))).toMatchObject({ added: 1 })
    expect(await send(lines({ name: 'Second' }))).toMatchObject({ added: 1, conflicts: 0 })
    expect(await send(lines({ name: 'First' }))).toMatchObject({ known: 1 })
    for (const wrong of ['[\n', '{"key":\n'])
      expect(await send(wrong)).toMatchObject({ invalid: 1, conflicts: 0 })
    const report = await api.finish(path)
    const ends = report.map(({ outcome }) => outcome)
    expect(ends).toEqual(['person-written', 'person-written', 'invalid', 'invalid'])
    expect(new Set(report.map(({ personId }) => personId)).size).toBe(3)
  })

  it('keeps what came before a line that cannot be read on', async () => {
    const path = await api.begin()
    const raw = `${lines({ key: 'a' })}{"key":\n${lines({ key: 'b' })}`
    const taken = await api.ask('POST', `${path}/rows`, { headers: NDJSON, raw })
    expect(taken.json).toMatchObject({ added: 2, invalid: 1 })
  })

  it('answers policies that it does not know with 400, and unknown groups', async () => {
    for (const fields of [{ faces: 'many' }, { quality: 'best' }, { groups: ['x'] }, { dryRun: 'yes' }]) {
      const { status } = await api.ask('POST', '/api/imports', { body: { name: 'x', ...fields } })
      expect(status).toBe(400)
    }
    const groups = ['01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e77']
    expect((await api.ask('POST', '/api/imports', { body: { name: 'x', groups } })).status).toBe(400)
  })

  it('is paused, resumed, cancelled and deleted; what cannot be is 409', async () => {
    const path = await api.begin()
    expect((await api.ask('POST', `${path}/pause`)).json.state).toBe('paused')
    expect((await api.ask('POST', `${path}/resume`)).json.state).toBe('open')
    expect((await api.ask('POST', `${path}/cancel`)).json.state).toBe('cancelled')
    expect((await api.ask('POST', `${path}/resume`)).json.type).toBe('ImportStateConflict')
    const late = { headers: NDJSON, raw: lines({ key: 'a' }) }
    expect((await api.ask('POST', `${path}/rows`, late)).status).toBe(409)
    expect((await api.ask('POST', `${path}/retry`)).json.msg).toContain('its pictures are gone')
    expect((await api.ask('DELETE', path)).status).toBe(204)
    for (const call of ['GET', 'DELETE']) expect((await api.ask(call, path)).status).toBe(404)
    expect((await api.ask('GET', '/api/imports')).json.items).toEqual([])
  })

  it('answers 404 to everything about one that is not there', async () => {
    const path = '/api/imports/01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e77'
    for (const call of ['', '/report', '/events'])
      expect((await api.ask('GET', path + call)).status).toBe(404)
    for (const [call, body] of [['/close'], ['/retry', {}], ['/rows/known', { keys: [] }]] as const)
      expect((await api.ask('POST', path + call, { body })).status).toBe(404)
    expect((await api.ask('POST', `${path}/rows`, { headers: NDJSON, raw: '' })).status).toBe(404)
  })

  it('refuses bodies of another type', async () => {
    const path = await api.begin()
    const { status } = await api.ask('POST', `${path}/rows`, {
      headers: { 'content-type': 'text/html' },
      raw: 'x',
    })
    expect(status).toBe(415)
    const packed = { ...NDJSON, 'content-encoding': 'gzip' }
    expect((await api.ask('POST', `${path}/rows`, { headers: packed, raw: 'x' })).status).toBe(415)
  })

  it('reports as CSV, by outcome, safe to open in a spreadsheet', async () => {
    const path = await api.begin()
    await api.ask('POST', `${path}/rows`, {
      headers: NDJSON,
      raw: lines({ key: '=1+1' }, { key: 'd', groups: ['x'] }),
    })
    await api.finish(path)
    const { text } = await api.ask('GET', `${path}/report?format=csv&outcome=person-written`)
    const rows = text.trim().split('\n')
    expect(rows).toHaveLength(2)
    expect(rows[0]).toMatch(/^position,key,person,outcome,/)
    expect(rows[1]).toContain("'=1+1")
    expect(rows[1]).toContain('person-written')
  })

  it('takes a person who is deleted out of its report', async () => {
    const path = await api.begin()
    const raw = lines({
      key: 'ada lovelace',
      person: { externalId: 'ada lovelace' },
      name: 'Ada',
      picture: base64(),
    })
    await api.ask('POST', `${path}/rows`, { headers: NDJSON, raw })
    const [{ personId }] = await api.finish(path)
    expect((await api.ask('GET', `${path}/report`)).text).toContain('lovelace')
    expect((await api.ask('DELETE', `/api/persons/${personId}`)).status).toBe(204)
    const { text } = await api.ask('GET', `${path}/report`)
    expect(text).not.toContain('lovelace')
    expect(JSON.parse(text)).toMatchObject({ position: 1, outcome: 'enrolled' })
    expect(text).not.toContain(personId)
  })

  it('is deleted with the persons whom it made, once their number is confirmed', async () => {
    const other = await api.ask('POST', '/api/persons', { body: { name: 'Ada', externalId: 'ada' } })
    const path = await api.begin()
    const raw = lines(
      ...['ada', 'bob', 'cyd'].map((externalId) => ({ person: { externalId }, picture: base64() })),
    )
    await api.ask('POST', `${path}/rows`, { headers: NDJSON, raw })
    expect((await api.ask('DELETE', `${path}?persons=created&count=2`)).json.type).toBe('ImportStateConflict')
    const persons = (await api.finish(path)).map(({ personId }) => personId)
    for (const query of ['persons=created', 'count=2'])
      expect((await api.ask('DELETE', `${path}?${query}`)).status).toBe(400)
    for (const [of, count] of Object.entries({ 'persons=created&': 2, '': 0 }))
      expect((await api.ask('DELETE', `${path}?${of}dryRun=true`)).json).toEqual({ count })
    const wrong = await api.ask('DELETE', `${path}?persons=created&count=3`)
    expect(wrong).toMatchObject({ status: 409, json: { type: 'PersonCountDiffers', metadata: { count: 2 } } })
    expect((await api.ask('DELETE', `${path}?persons=created&count=2`)).status).toBe(204)
    expect((await api.ask('GET', path)).status).toBe(404)
    expect((await api.ask('DELETE', `${path}?dryRun=true`)).status).toBe(404)
    // It can be followed until they and it are gone.
    const follow = () => api.ask('DELETE', `${path}?persons=created&dryRun=true`)
    expect([200, 404]).toContain((await follow()).status)
    const statusOf = async (id: string) => (await api.ask('GET', `/api/persons/${id}`)).status
    const statuses = () => Promise.all(persons.map(statusOf))
    await expect.poll(async () => (await follow()).status, { timeout: 5_000 }).toBe(404)
    expect(await statuses()).toEqual([200, 404, 404])
    await expect.poll(statuses, { timeout: 5_000 }).toEqual([200, 404, 404])
    expect(persons[0]).toBe(other.json.id)
  })
})
