import { enroll, makeGroup, makePerson, newTestId } from '@semblance/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
})
afterEach(() => api.close())

const merge = (id: string, otherId: unknown, headers: Record<string, string> = {}) =>
  api.ask('POST', `/api/persons/${id}/merge`, { body: { otherId }, headers })

describe('POST /api/persons/{personId}/merge', () => {
  it('answers the person who stays, with all pictures, and the other one is not there any more', async () => {
    const group = await makeGroup(api.gallery)
    const { id } = await makePerson(api.gallery, { name: 'Ada' })
    const { id: otherId } = await makePerson(api.gallery, {
      name: 'A. King',
      groups: [group],
      externalId: 'a-1',
      metadata: '{"desk":7}',
    })
    const moved = await enroll(api.gallery, otherId)
    const { status, json } = await merge(id, otherId.toUpperCase())
    expect(status).toBe(200)
    expect(json).toMatchObject({ id, name: 'Ada', externalId: 'a-1', metadata: { desk: 7 } })
    expect(json.groups).toContain(group)
    expect((await api.ask('GET', `/api/persons/${otherId}`)).status).toBe(404)
    expect((await api.ask('GET', `/api/persons/${otherId}/images`)).status).toBe(404)
    const { items } = (await api.ask('GET', `/api/persons/${id}/images`)).json
    expect(items).toMatchObject([{ id: moved.id, path: `persons/${id}/images/${moved.id}` }])
    expect((await api.ask('GET', `/api/persons/${id}/images/${moved.id}`)).status).toBe(200)
    const lines = (await api.ask('GET', `/api/export?personId=${id}`)).text
    expect(lines).toContain(moved.id)
    expect(lines).not.toContain(otherId)
    expect((await api.ask('GET', '/api/stats')).json).toMatchObject({ persons: 1, images: 1 })
  })

  it('answers the same to the same request, with and without an Idempotency-Key', async () => {
    const [{ id }, { id: otherId }] = [await makePerson(api.gallery), await makePerson(api.gallery)]
    const first = await merge(id, otherId)
    const again = await merge(id, otherId)
    const keyed = await merge(id, otherId, { 'idempotency-key': newTestId() })
    expect([again.status, again.json]).toEqual([200, first.json])
    expect([keyed.status, keyed.json]).toEqual([200, first.json])
  })

  it('says who is not there, and why two persons cannot be merged', async () => {
    const { id } = await makePerson(api.gallery, { externalId: 'a-1' })
    const { id: otherId } = await makePerson(api.gallery, { externalId: 'a-2' })
    const gone = newTestId()
    const refused = async (one: string, other: unknown) => {
      const { status, json } = await merge(one, other)
      return [status, json.type, json.msg]
    }
    expect(await refused(id, gone)).toEqual([404, 'PersonNotFound', `there is no person ${gone}`])
    expect(await refused(gone, id)).toEqual([404, 'PersonNotFound', `there is no person ${gone}`])
    expect(await refused(id, id)).toEqual([
      409,
      'PersonsNotMergeable',
      'a person cannot be merged into itself; nothing was changed',
    ])
    expect((await refused(id, otherId))[2]).toContain('persons merge … --drop-external-id')
    expect((await refused(id, 'x')).slice(0, 2)).toEqual([400, 'BadParamsException'])
    expect((await refused(id, undefined)).slice(0, 2)).toEqual([400, 'BadParamsException'])
  })

  it('gives up the external id of the other one if it is asked to', async () => {
    const { id } = await makePerson(api.gallery, { externalId: 'a-1' })
    const { id: otherId } = await makePerson(api.gallery, { externalId: 'a-2' })
    const body = { otherId, dropExternalId: true }
    const merged = await api.ask('POST', `/api/persons/${id}/merge`, { body })
    expect([merged.status, merged.json.externalId]).toEqual([200, 'a-1'])
    expect((await api.ask('GET', '/api/persons?externalId=a-2')).json.items).toEqual([])
  })

  it('takes no external id away where the merge is refused', async () => {
    const { id } = await makePerson(api.gallery, {
      externalId: 'a-1',
      metadata: `{"a":"${'x'.repeat(50_000)}"}`,
    })
    const other = { externalId: 'a-2', metadata: `{"b":"${'x'.repeat(50_000)}"}` }
    const { id: otherId } = await makePerson(api.gallery, other)
    const body = { otherId, dropExternalId: true }
    expect((await api.ask('POST', `/api/persons/${id}/merge`, { body })).status).toBe(409)
    expect((await api.ask('GET', `/api/persons/${otherId}`)).json.externalId).toBe('a-2')
  })
})
