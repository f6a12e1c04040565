import { aPicture } from '@semblance/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openImportApi, type TestImportApi } from '../testing/open-import-api.ts'

const NDJSON = 'application/x-ndjson'
const CSV = 'text/csv'
const picture = Buffer.from(aPicture()).toString('base64')
const ada = { externalId: 'Ada Lovelace' }

let api: TestImportApi
beforeEach(async () => {
  api = await openImportApi()
})
afterEach(() => api.close())

describe('what is left in an import of a person who is deleted', () => {
  it.each([
    {
      what: 'that its sender could not make',
      line: { sourceProblem: { field: 'picture', message: 'is empty' } },
    },
    { what: 'in which a field is wrong', line: { groups: ['x'] } },
    { what: 'in which a field has no form', line: { metadata: 7 } },
    { what: 'whose time is past', line: { expireAt: '2001-01-01T00:00:00Z' } },
    { what: 'that has no picture by its file', line: { file: 'Ada Lovelace/2.jpg' } },
    { what: 'that names the person twice', line: { person: { ...ada, key: 'x' } } },
    {
      what: 'that is wrong and has the key of another one',
      line: { key: 'Ada Lovelace/1.jpg', groups: ['x'] },
    },
    { what: 'as CSV, in which a field is wrong', line: 'Ada Lovelace/2.jpg,Ada Lovelace,{' },
    { what: 'as CSV, with a cell too many', line: 'Ada Lovelace/2.jpg,Ada Lovelace,{},x' },
  ])('is not a name in the report, of a row $what', async ({ line }) => {
    const path = await api.begin()
    const good = { key: 'Ada Lovelace/1.jpg', person: ada, picture }
    const send = (type: string, raw: string) =>
      api.ask('POST', `${path}/rows`, { headers: { 'content-type': type }, raw })
    expect((await send(NDJSON, `${JSON.stringify(good)}\n`)).json).toMatchObject({ added: 1 })
    const wrong =
      typeof line === 'string'
        ? await send(CSV, `key,external_id,metadata\n${line}\n`)
        : await send(NDJSON, `${JSON.stringify({ key: 'Ada Lovelace/2.jpg', person: ada, ...line })}\n`)
    expect(wrong.json).toMatchObject({ added: 0, invalid: 1, conflicts: 0 })
    const [enrolled, invalid] = await api.finish(path)
    expect([enrolled.outcome, invalid.outcome]).toEqual(['enrolled', 'invalid'])
    expect(invalid.key).toContain('Ada')
    expect((await api.ask('DELETE', `/api/persons/${enrolled.personId}`)).status).toBe(204)
    const told = async () => (await api.ask('GET', `${path}/report`)).text
    await expect.poll(told, { timeout: 10_000 }).not.toContain('Ada')
    expect((await told()).trim().split('\n')).toHaveLength(2)
  })
})
