import { afterEach, beforeEach, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'

let api: TestApi
let path: string
beforeEach(async () => {
  api = await openTestApi()
  const { id } = (await api.ask('POST', '/api/persons', { body: { name: 'Ada', externalId: '1' } })).json
  path = `/api/persons/${id}`
})
afterEach(() => api.close())

const tagOf = async () => (await api.ask('GET', path)).headers.get('etag') ?? ''
const put = (body: object, ifMatch?: string) =>
  api.ask('PUT', path, { body, ...(ifMatch === undefined ? {} : { headers: { 'if-match': ifMatch } }) })
const name = async () => (await api.ask('GET', path)).json.name

it('changes a person who is still as the caller read it, and nobody whom others changed since', async () => {
  const tag = await tagOf()
  expect(tag).toMatch(/^"[\w-]+"$/)
  expect((await put({ name: 'Ada King' }, tag)).status).toBe(204)
  const late = await put({ name: 'Ada Byron', externalId: '2' }, tag)
  expect([late.status, late.json.type]).toEqual([412, 'PersonChangedSince'])
  expect((await api.ask('GET', path)).json).toMatchObject({ name: 'Ada King', externalId: '1' })
  expect((await put({ name: 'Ada Byron' }, await tagOf())).status).toBe(204)
})

it('lets one of two through that come at the same moment with the same tag', async () => {
  const tag = await tagOf()
  const both = await Promise.all([put({ name: 'One' }, tag), put({ name: 'Other' }, tag)])
  expect(both.map(({ status }) => status).toSorted()).toEqual([204, 412])
  expect(await name()).toBe(both[0].status === 204 ? 'One' : 'Other')
})

it('takes several tags, weak ones, and any; whoever sends none changes it as ever', async () => {
  const tag = await tagOf()
  expect((await put({ name: 'A' }, `"other", W/${tag}`)).status).toBe(204)
  expect((await put({ name: 'B' }, '"other"')).status).toBe(412)
  expect((await put({ name: 'C' }, '*')).status).toBe(204)
  expect((await put({ name: 'D' })).status).toBe(204)
  expect(await name()).toBe('D')
})

it('has another tag after each change, and the same one while nothing changes', async () => {
  const before = await tagOf()
  expect(await tagOf()).toBe(before)
  await put({ name: 'Ada' })
  expect(await tagOf()).not.toBe(before)
})

it('says of somebody who is gone that they are gone', async () => {
  const tag = await tagOf()
  await api.ask('DELETE', path)
  expect((await put({ name: 'A' }, tag)).status).toBe(404)
})
