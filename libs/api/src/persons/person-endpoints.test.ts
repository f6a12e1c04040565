import { isUuid } from '@semblance/core'
import { anImage, aPerson, newTestId } from '@semblance/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
})
afterEach(() => api.close())

async function aStoredPerson(fields: object = {}) {
  return (await api.ask('POST', '/api/persons', { body: { name: 'Ada', metadata: {}, ...fields } })).json
}

async function aStoredGroup(name = 'Staff') {
  return (await api.ask('POST', '/api/groups', { body: { name, metadata: {} } })).json
}

describe('POST /api/persons', () => {
  it('answers 201 with the whole person, in a Default group made on need', async () => {
    const { status, json } = await api.ask('POST', '/api/persons', {
      body: { name: 'Ada', externalId: 'x-1', metadata: { a: 1 }, expireAt: '2999-01-01T00:00:00Z' },
    })
    expect(status).toBe(201)
    expect(json).toMatchObject({ name: 'Ada', externalId: 'x-1', metadata: { a: 1 } })
    expect(json.expireAt).toBe('2999-01-01T00:00:00.000Z')
    expect(json.createdAt).toBe(new Date(api.gallery.clock.now()).toISOString())
    expect(isUuid(json.id)).toBe(true)
    const groups = await api.ask('GET', '/api/groups')
    expect(groups.json.items).toMatchObject([{ id: json.groups[0], name: 'Default' }])
  })

  it('leaves out what the person does not have, rather than sending null', async () => {
    const person = await aStoredPerson()
    expect(Object.keys(person).toSorted()).toEqual([
      'createdAt',
      'groups',
      'id',
      'metadata',
      'name',
      'updatedAt',
    ])
  })

  it('takes an empty external id for none, and so does a change', async () => {
    const { id, externalId } = await aStoredPerson({ externalId: '' })
    expect(externalId).toBeUndefined()
    await api.ask('PUT', `/api/persons/${id}`, { body: { externalId: 'x-1' } })
    await api.ask('PUT', `/api/persons/${id}`, { body: { externalId: '' } })
    expect((await api.ask('GET', `/api/persons/${id}`)).json).not.toHaveProperty('externalId')
  })

  it('makes nothing for a group that does not exist, and says 400', async () => {
    const unknown = newTestId()
    const { status, json } = await api.ask('POST', '/api/persons', {
      body: { name: 'Ada', groups: [unknown] },
    })
    expect(status).toBe(400)
    expect(json.msg).toContain(unknown)
    const { items } = await api.gallery.records.persons.list(
      { nowMs: api.gallery.clock.now() },
      { page: 1, size: 10 },
    )
    expect(items).toEqual([])
  })

  it('gives metadata back as it came, whatever its keys', async () => {
    const raw =
      '{"name":"Ada","metadata":{"__proto__":{"isAdmin":true},"a.b":1,"$set":{"x":null},"constructor":"c","":[1.5]}}'
    const { json } = await api.ask('POST', '/api/persons', { raw })
    const { text } = await api.ask('GET', `/api/persons/${json.id}`)
    expect(text).toContain(
      '"metadata":{"__proto__":{"isAdmin":true},"a.b":1,"$set":{"x":null},"constructor":"c","":[1.5]}',
    )
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined()
  })

  it('takes control characters and every script in a name', async () => {
    const name = 'A\u0000\u0007\n\u202e שלום 木 \u{1f642}'
    const person = await aStoredPerson({ name })
    expect((await api.ask('GET', `/api/persons/${person.id}`)).json.name).toBe(name)
  })

  it('reads null for an optional field as left out', async () => {
    const body = { name: 'Ada', externalId: null, metadata: null, groups: null, expireAt: null, ttl: null }
    expect((await api.ask('POST', '/api/persons', { body })).status).toBe(201)
  })

  it('takes the ttl of older clients as an expiry', async () => {
    const { expireAt } = await aStoredPerson({ ttl: 60 })
    expect(Date.parse(expireAt)).toBe(api.gallery.clock.now() + 60_000)
  })

  it('ignores fields that it does not know', async () => {
    expect(
      (await api.ask('POST', '/api/persons', { body: { name: 'Ada', group_ids: 7, x: {} } })).status,
    ).toBe(201)
  })

  it.each([
    [{}, 'name'],
    [{ name: null }, 'name'],
    [{ name: 5 }, 'name'],
    [{ name: '' }, 'name'],
    [{ name: 'x'.repeat(1025) }, 'name'],
    [{ name: '\ud800' }, 'name'],
    [{ name: 'Ada', externalId: 5 }, 'externalId'],
    [{ name: 'Ada', metadata: [] }, 'metadata'],
    [{ name: 'Ada', metadata: 'x' }, 'metadata'],
    [{ name: 'Ada', groups: 'x' }, 'groups'],
    [{ name: 'Ada', groups: ['x'] }, 'groups.0'],
    [{ name: 'Ada', groups: [5] }, 'groups.0'],
    [{ name: 'Ada', expireAt: 'tomorrow' }, 'expireAt'],
    [{ name: 'Ada', expireAt: 1900000000 }, 'expireAt'],
    [{ name: 'Ada', expireAt: '2020-01-01T00:00:00Z' }, 'expireAt'],
    [{ name: 'Ada', expireAt: '2999-02-30' }, 'expireAt'],
    [{ name: 'Ada', ttl: 0 }, 'ttl'],
    [{ name: 'Ada', ttl: 60, expireAt: '2999-01-01T00:00:00Z' }, 'ttl'],
  ])('refuses %j and names %s', async (body, field) => {
    const { status, json } = await api.ask('POST', '/api/persons', { body })
    expect(status).toBe(400)
    expect(json).toMatchObject({ statusCode: 400, type: 'BadParamsException' })
    expect(json.metadata.problems[0].field).toBe(field)
    expect(json.msg).toContain(field)
  })

  it('takes 64 KB of metadata and 32 levels of it, and no more', async () => {
    const nested = (levels: number): object => (levels === 1 ? {} : { x: nested(levels - 1) })
    const sized = (bytes: number) => ({ x: 'y'.repeat(bytes - '{"x":""}'.length) })
    const statusOf = async (metadata: object) =>
      (await api.ask('POST', '/api/persons', { body: { name: 'Ada', metadata } })).status
    expect(await statusOf(nested(32))).toBe(201)
    expect(await statusOf(nested(33))).toBe(400)
    expect(await statusOf(sized(65_536))).toBe(201)
    expect(await statusOf(sized(65_537))).toBe(400)
  })
})

describe('GET /api/persons/{personId}', () => {
  it('answers 400 for what is no UUID and 404 for one that nobody has', async () => {
    expect((await api.ask('GET', '/api/persons/ada')).json).toMatchObject({ statusCode: 400 })
    const { status, json } = await api.ask('GET', `/api/persons/${newTestId()}`)
    expect(status).toBe(404)
    expect(json).toEqual({
      statusCode: 404,
      type: 'PersonNotFound',
      msg: 'there is no such person',
      metadata: {},
    })
  })

  it('knows an id in upper case', async () => {
    const { id } = await aStoredPerson()
    expect((await api.ask('GET', `/api/persons/${id.toUpperCase()}`)).json.id).toBe(id)
  })

  it('hides a person from its expiry on', async () => {
    const { id } = await aStoredPerson({ ttl: 60 })
    api.gallery.clock.advance(59_999)
    expect((await api.ask('GET', `/api/persons/${id}`)).status).toBe(200)
    api.gallery.clock.advance(1)
    expect((await api.ask('GET', `/api/persons/${id}`)).status).toBe(404)
  })
})

describe('PUT /api/persons/{personId}', () => {
  it('answers 204 without a body and keeps what was left out', async () => {
    const { id } = await aStoredPerson({ externalId: 'x-1', metadata: { a: 1 } })
    const { status, text } = await api.ask('PUT', `/api/persons/${id}`, { body: { name: 'Ada King' } })
    expect([status, text]).toEqual([204, ''])
    expect((await api.ask('GET', `/api/persons/${id}`)).json).toMatchObject({
      name: 'Ada King',
      externalId: 'x-1',
      metadata: { a: 1 },
    })
  })

  it('replaces metadata whole, and takes an externalId away by null', async () => {
    const { id } = await aStoredPerson({ externalId: 'x-1', metadata: { a: 1 } })
    await api.ask('PUT', `/api/persons/${id}`, { body: { metadata: { b: 2 }, externalId: null } })
    const { json } = await api.ask('GET', `/api/persons/${id}`)
    expect(json.metadata).toEqual({ b: 2 })
    expect(json).not.toHaveProperty('externalId')
  })

  it('moves the person to other groups, none included', async () => {
    const [person, group] = [await aStoredPerson(), await aStoredGroup()]
    await api.ask('PUT', `/api/persons/${person.id}`, { body: { groups: [group.id] } })
    expect((await api.ask('GET', `/api/persons/${person.id}`)).json.groups).toEqual([group.id])
    await api.ask('PUT', `/api/persons/${person.id}`, { body: { groups: [] } })
    expect((await api.ask('GET', `/api/persons/${person.id}`)).json.groups).toEqual([])
  })

  it('changes the expiry, by a time or by seconds to live, and null takes it away', async () => {
    const { id } = await aStoredPerson({ ttl: 60 })
    const put = async (body: object) => (await api.ask('PUT', `/api/persons/${id}`, { body })).status
    const expiry = async () => (await api.ask('GET', `/api/persons/${id}`)).json.expireAt
    const now = api.gallery.clock.now()
    expect(await put({ expireAt: '2999-01-01T00:00:00Z' })).toBe(204)
    expect(await expiry()).toBe('2999-01-01T00:00:00.000Z')
    expect(await put({ name: 'Ada King' })).toBe(204)
    expect(await expiry()).toBe('2999-01-01T00:00:00.000Z')
    expect(await put({ ttl: 90 })).toBe(204)
    expect(await expiry()).toBe(new Date(now + 90_000).toISOString())
    expect(await put({ expireAt: null })).toBe(204)
    expect(await expiry()).toBeUndefined()
    expect([await put({ expireAt: null, ttl: 90 }), await put({ ttl: null })]).toEqual([204, 204])
    expect(await expiry()).toBeUndefined()
    api.gallery.clock.advance(1_000_000)
    expect((await api.ask('GET', `/api/persons/${id}`)).status).toBe(200)
  })

  it('takes no expiry that is past or no time, and is 404 for a person who expired in between', async () => {
    const { id } = await aStoredPerson({ ttl: 60 })
    const put = (body: object) => api.ask('PUT', `/api/persons/${id}`, { body })
    for (const body of [
      { expireAt: '2020-01-01T00:00:00Z' },
      { expireAt: 5 },
      { ttl: 0 },
      { ttl: 60, expireAt: '2999-01-01T00:00:00Z' },
    ]) {
      const { status, json } = await put(body)
      expect([status, json.metadata.problems[0].field]).toEqual([400, Object.keys(body)[0]])
    }
    api.gallery.clock.advance(60_000)
    expect((await put({ ttl: 60 })).status).toBe(404)
    expect((await put({ expireAt: null })).status).toBe(404)
  })

  it('does not touch the index for an expiry, which is not in it', async () => {
    const { id } = await aStoredPerson()
    await api.ask('PUT', `/api/persons/${id}`, { body: { ttl: 60 } })
    expect(await api.gallery.records.persons.find(id)).toMatchObject({ rev: 2, dirty: false })
  })

  it('answers 400 for unknown groups and wrong types, 404 for an unknown person', async () => {
    const { id } = await aStoredPerson()
    const put = async (path: string, body: unknown) => (await api.ask('PUT', path, { body })).status
    expect(await put(`/api/persons/${id}`, { groups: [newTestId()] })).toBe(400)
    expect(await put(`/api/persons/${id}`, { name: '' })).toBe(400)
    expect(await put(`/api/persons/${id}`, [])).toBe(400)
    expect(await put('/api/persons/x', {})).toBe(400)
    expect(await put(`/api/persons/${newTestId()}`, { name: 'Ada' })).toBe(404)
  })
})

describe('DELETE /api/persons/{personId}', () => {
  it('answers 204 once and 404 after', async () => {
    const { id } = await aStoredPerson()
    expect((await api.ask('DELETE', `/api/persons/${id}`)).status).toBe(204)
    expect((await api.ask('DELETE', `/api/persons/${id}`)).status).toBe(404)
    expect((await api.ask('GET', `/api/persons/${id}`)).status).toBe(404)
    expect((await api.ask('DELETE', '/api/persons/x')).status).toBe(400)
  })
})

describe('GET /api/persons/{personId}/groups', () => {
  it('pages the groups of a person, newest first', async () => {
    const first = await aStoredGroup('First')
    api.gallery.clock.advance(1)
    const second = await aStoredGroup('Second')
    const { id } = await aStoredPerson({ groups: [first.id, second.id] })
    const { json } = await api.ask('GET', `/api/persons/${id}/groups?page=1&size=1`)
    expect(json).toMatchObject({ items: [{ id: second.id, name: 'Second' }], page: 1, totalPages: 2 })
    expect((await api.ask('GET', `/api/persons/${newTestId()}/groups`)).status).toBe(404)
  })
})

describe('GET /api/persons', () => {
  const list = async (query: string) => {
    const { status, json } = await api.ask('GET', `/api/persons${query}`)
    expect(status).toBe(200)
    return json.items.map(({ name }: { name: string }) => name)
  }
  const namesBy = async (query: string) => (await list(query)).toSorted()

  it('lists everybody, newest first, by pages', async () => {
    for (const name of ['1', '2', '3']) {
      await aStoredPerson({ name })
      api.gallery.clock.advance(10)
    }
    expect(await list('')).toEqual(['3', '2', '1'])
    const { json } = await api.ask('GET', '/api/persons?page=2&size=2')
    expect(json).toMatchObject({ items: [{ name: '1', metadata: {} }], page: 2, totalPages: 2 })
    expect((await api.ask('GET', '/api/persons?page=9')).json).toEqual({ items: [], page: 9, totalPages: 1 })
  })

  it('filters by name, external id and metadata, all of which must hold', async () => {
    await aStoredPerson({ name: 'Ada', externalId: '1', metadata: { floor: 3, desk: { row: 'b' } } })
    await aStoredPerson({ name: 'Ada', externalId: '2', metadata: { floor: '3', 'desk.row': 'b' } })
    await aStoredPerson({ name: 'Bob', metadata: { floor: [3, 4], vip: true, 'a\\b': null } })
    expect(await list('?name=Ada')).toEqual(['Ada', 'Ada'])
    expect(await list('?name=ada')).toEqual([])
    expect(await list('?externalId=2&name=Ada')).toEqual(['Ada'])
    expect(await list('?externalId=2&name=Bob')).toEqual([])
    expect(await namesBy('?metadata.floor=3')).toEqual(['Ada', 'Ada', 'Bob'])
    expect(await list('?metadata.floor=3&metadata.floor=4')).toEqual(['Bob'])
    expect(await list('?metadata.floor=3&metadata.vip=true')).toEqual(['Bob'])
    expect(await list('?metadata.a%5C%5Cb=null')).toEqual(['Bob'])
    const idsOf = async (query: string) =>
      (await api.ask('GET', `/api/persons?${query}`)).json.items.map(
        ({ externalId }: { externalId: string }) => externalId,
      )
    expect(await idsOf('metadata.desk.row=b')).toEqual(['1'])
    expect(await idsOf('metadata.desk%5C.row=b')).toEqual(['2'])
  })

  it('filters by the beginning of the name, group and times', async () => {
    const group = await aStoredGroup()
    const at = () => new Date(api.gallery.clock.now()).toISOString()
    await aStoredPerson({ name: 'Ada' })
    api.gallery.clock.advance(10)
    const between = at()
    const bob = await aStoredPerson({ name: 'Bob', groups: [group.id] })
    api.gallery.clock.advance(10)
    await aStoredPerson({ name: 'Adam', groups: [group.id] })
    expect(await list('?namePrefix=Ad')).toEqual(['Adam', 'Ada'])
    expect(await list(`?groupId=${group.id}`)).toEqual(['Adam', 'Bob'])
    expect(await list(`?groupId=${group.id}&namePrefix=B`)).toEqual(['Bob'])
    expect(await list(`?groupId=${bob.id}`)).toEqual([])
    expect(await list(`?createdFrom=${between}`)).toEqual(['Adam', 'Bob'])
    expect(await list(`?createdTo=${between}`)).toEqual(['Ada'])
    api.gallery.clock.advance(10)
    const late = at()
    await api.ask('PUT', `/api/persons/${bob.id}`, { body: { name: 'Bobby' } })
    expect(await list(`?updatedFrom=${late}&createdTo=${late}`)).toEqual(['Bobby'])
    expect(await list(`?updatedTo=${late}`)).toEqual(['Adam', 'Ada'])
    await api.ask('DELETE', `/api/groups/${group.id}`)
    expect(await list(`?groupId=${group.id}`)).toEqual([])
  })

  it('filters by whether there are pictures, from cursor to cursor', async () => {
    const { records } = api.gallery
    const persons = Array.from({ length: 10 }, (_, i) => aPerson({ name: `${i}` }))
    for (const [i, { id, ...rest }] of persons.entries()) {
      await records.persons.insert({ id, ...rest })
      if (i % 3 === 0) await records.images.insert(anImage({ personId: id }))
      if (i % 3 === 1) await records.images.insert(anImage({ personId: id, state: 'pending' }))
    }
    const walk = async (query: string) => {
      const pages: string[][] = []
      for (let cursor: string | undefined = ''; cursor !== undefined; ) {
        const { json } = await api.ask('GET', `/api/persons?${query}${cursor}`)
        pages.push(json.items.map(({ name }: { name: string }) => name))
        cursor = json.nextCursor === undefined ? undefined : `&cursor=${json.nextCursor}`
      }
      return pages
    }
    expect(await walk('hasImages=true')).toEqual([['9', '6', '3', '0']])
    expect(await walk('hasImages=false&size=4')).toEqual([
      ['8', '7', '5', '4'],
      ['2', '1'],
    ])
    expect(await walk('hasImages=true&size=2')).toEqual([
      ['9', '6'],
      ['3', '0'],
    ])
    expect(await walk('hasImages=true&name=3')).toEqual([['3']])
    expect(await walk('hasImages=true&name=2')).toEqual([[]])
  })

  it('shows nobody who is deleted or expired, nor groups that are gone', async () => {
    const group = await aStoredGroup()
    await aStoredPerson({ name: 'Kept', groups: [group.id] })
    const { id } = await aStoredPerson({ name: 'Deleted' })
    await aStoredPerson({ name: 'Expired', ttl: 1 })
    api.gallery.clock.advance(2000)
    await api.ask('DELETE', `/api/persons/${id}`)
    await api.ask('DELETE', `/api/groups/${group.id}`)
    const { json } = await api.ask('GET', '/api/persons')
    expect(json.items).toMatchObject([{ name: 'Kept', groups: [] }])
  })

  it.each([
    ['nmae=Ada', /nmae is not known/],
    ['metadata=1', /metadata is not known/],
    ['__proto__=1', /__proto__ is not known/],
    ['name=Ada&__proto__=1', /__proto__ is not known/],
    ['constructor=1', /constructor is not known/],
    ['withImages=true', /withImages is not known/],
    ['name=a&name=b', /name must be given once/],
    ['metadata.a%5Cb=1', /backslash/],
    ['size=0', /size must be/],
    ['namePrefix=', /namePrefix/],
    ['hasImages=1', /hasImages/],
    ['hasImages=true&page=2', /page must be left out/],
    ['groupId=1', /groupId must be a UUID/],
    ['createdFrom=yesterday', /createdFrom must be a time/],
    ['updatedTo=1&updatedTo=2', /updatedTo must be given once/],
    [`${'metadata.a=1&'.repeat(17)}`, /at most 16/],
  ])('refuses ?%s', async (query, message) => {
    const { status, json } = await api.ask('GET', `/api/persons?${query}`)
    expect(status).toBe(400)
    expect(json.msg).toMatch(message)
  })
})
