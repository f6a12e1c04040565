import { newTestId } from '@semblance/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
})
afterEach(() => api.close())

async function aStoredGroup(fields: object = {}) {
  api.gallery.clock.advance(1)
  return (await api.ask('POST', '/api/groups', { body: { name: 'Staff', metadata: {}, ...fields } })).json
}

async function aStoredPerson(fields: object = {}) {
  api.gallery.clock.advance(1)
  return (await api.ask('POST', '/api/persons', { body: { name: 'Ada', ...fields } })).json
}

describe('groups', () => {
  it('are created with 201 and read back', async () => {
    const { status, json } = await api.ask('POST', '/api/groups', {
      body: { name: 'Staff', metadata: { floor: 3 }, tag: 't' },
    })
    expect(status).toBe(201)
    expect(json).toMatchObject({ name: 'Staff', metadata: { floor: 3 } })
    expect((await api.ask('GET', `/api/groups/${json.id}`)).json).toEqual({ ...json, memberCount: 0 })
  })

  it.each([
    [{ name: 'Staff' }],
    [{ metadata: {} }],
    [{ name: 'Staff', metadata: null }],
    [{ name: 1, metadata: {} }],
    [[]],
  ])('are not created from %j', async (body) => {
    expect((await api.ask('POST', '/api/groups', { body })).status).toBe(400)
  })

  it('tell how many persons they have, without expired ones', async () => {
    const { id } = await aStoredGroup()
    await aStoredPerson({ groups: [id] })
    await aStoredPerson({ groups: [id], ttl: 1 })
    await aStoredPerson()
    const count = async () => (await api.ask('GET', `/api/groups/${id}`)).json.memberCount
    expect(await count()).toBe(2)
    api.gallery.clock.advance(1_000)
    expect(await count()).toBe(1)
  })

  it('keep on PUT what is left out', async () => {
    const { id } = await aStoredGroup({ metadata: { floor: 3 } })
    expect((await api.ask('PUT', `/api/groups/${id}`, { body: { name: 'Guests' } })).status).toBe(204)
    expect((await api.ask('PUT', `/api/groups/${id}`, { body: {} })).status).toBe(204)
    expect((await api.ask('GET', `/api/groups/${id}`)).json).toMatchObject({
      name: 'Guests',
      metadata: { floor: 3 },
    })
    await api.ask('PUT', `/api/groups/${id}`, { body: { name: 'Guests', metadata: {} } })
    expect((await api.ask('GET', `/api/groups/${id}`)).json.metadata).toEqual({})
  })

  it('answer 404 when unknown, deleted, or on DELETE with an id that is none', async () => {
    const { id } = await aStoredGroup()
    expect((await api.ask('DELETE', `/api/groups/${id}`)).status).toBe(204)
    expect((await api.ask('DELETE', `/api/groups/${id}`)).status).toBe(404)
    expect((await api.ask('DELETE', '/api/groups/x')).status).toBe(404)
    expect((await api.ask('GET', `/api/groups/${id}`)).status).toBe(404)
    expect((await api.ask('GET', '/api/groups/x')).status).toBe(400)
    expect((await api.ask('PUT', `/api/groups/${id}`, { body: { name: 'x' } })).status).toBe(404)
    expect((await api.ask('GET', `/api/groups/${id}/persons`)).status).toBe(404)
    expect((await api.ask('PUT', `/api/groups/${id}/persons`, { body: {} })).status).toBe(404)
  })

  it('leave their persons behind when deleted', async () => {
    const group = await aStoredGroup()
    const person = await aStoredPerson({ groups: [group.id] })
    await api.ask('DELETE', `/api/groups/${group.id}`)
    expect((await api.ask('GET', `/api/persons/${person.id}`)).json.groups).toEqual([])
  })
})

describe('group members', () => {
  it('are added and taken out, and listed newest first', async () => {
    const [group, ada, bob] = [
      await aStoredGroup(),
      await aStoredPerson(),
      await aStoredPerson({ name: 'Bob' }),
    ]
    const path = `/api/groups/${group.id}/persons`
    expect((await api.ask('PUT', path, { body: { addItems: [ada.id, bob.id] } })).status).toBe(204)
    expect((await api.ask('GET', path)).json).toMatchObject({
      items: [{ id: bob.id }, { id: ada.id }],
      page: 1,
      totalPages: 1,
    })
    expect((await api.ask('PUT', path, { body: { removeItems: [ada.id], addItems: null } })).status).toBe(204)
    expect((await api.ask('GET', path)).json.items).toMatchObject([{ id: bob.id }])
  })

  it('stay as they are if one of the ids is unknown', async () => {
    const [group, ada] = [await aStoredGroup(), await aStoredPerson()]
    const path = `/api/groups/${group.id}/persons`
    const { status, json } = await api.ask('PUT', path, { body: { addItems: [ada.id, newTestId()] } })
    expect([status, json.type]).toEqual([404, 'PersonNotFound'])
    expect((await api.ask('GET', path)).json.items).toEqual([])
  })

  it.each([
    [{ addItems: ['x'] }],
    [{ addItems: 'x' }],
    [{ removeItems: [1] }],
  ])('are refused as %j', async (body) => {
    const { id } = await aStoredGroup()
    expect((await api.ask('PUT', `/api/groups/${id}/persons`, { body })).status).toBe(400)
  })
})

describe('paging', () => {
  it('gives two groups of four on page 2 of size 2', async () => {
    const groups = [await aStoredGroup(), await aStoredGroup(), await aStoredGroup(), await aStoredGroup()]
    const { json } = await api.ask('GET', '/api/groups?page=2&size=2')
    expect(json).toMatchObject({
      items: [{ id: groups[1].id }, { id: groups[0].id }],
      page: 2,
      totalPages: 2,
    })
  })

  it('is empty past the end and has no pages of nothing', async () => {
    expect((await api.ask('GET', '/api/groups')).json).toEqual({ items: [], page: 1, totalPages: 0 })
    await aStoredGroup()
    expect((await api.ask('GET', '/api/groups?page=999999999999')).json).toMatchObject({
      items: [],
      totalPages: 1,
    })
  })

  it('counts a larger size as 1000', async () => {
    await aStoredGroup()
    expect((await api.ask('GET', '/api/groups?size=5000')).json.items).toHaveLength(1)
  })

  it.each([
    'page=0',
    'size=0',
    'page=-1',
    'page=x',
    'page=1.5',
    'page=',
    'page=1&page=2',
    'size=1e3',
    `page=${'9'.repeat(30)}`,
  ])('refuses ?%s', async (query) => {
    const { status, json } = await api.ask('GET', `/api/groups?${query}`)
    expect([status, json.type]).toEqual([400, 'BadParamsException'])
  })
})
