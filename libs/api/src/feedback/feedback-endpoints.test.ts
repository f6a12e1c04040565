import { enroll, makePerson, newTestId } from '@semblance/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
})
afterEach(() => api.close())

async function someone() {
  const { id: personId } = await makePerson(api.gallery)
  const { id: imageId } = await enroll(api.gallery, personId)
  return { personId, imageId, distance: 0.91, verdict: 'not-this-person' }
}

const give = (body: object, headers: Record<string, string> = {}) =>
  api.ask('POST', '/api/feedback', { body, headers })
const listed = async (query = '') => (await api.ask('GET', `/api/feedback${query}`)).json.items

describe('feedback on a candidate', () => {
  it('is written down, and listed newest first, of everybody and of one person', async () => {
    const [ada, bob] = [await someone(), await someone()]
    const first = await give({ ...ada, requestId: 'search-1' })
    expect([first.status, first.json]).toMatchObject([201, { ...ada, requestId: 'search-1' }])
    // Ids are in the order of time, which stands still here.
    api.gallery.clock.advance(1)
    const second = await give({ ...bob, verdict: 'this-person' })
    expect(second.json.requestId).toBeUndefined()
    expect(await listed()).toEqual([second.json, first.json])
    expect(await listed(`?personId=${ada.personId.toUpperCase()}`)).toEqual([first.json])
    const page = (await api.ask('GET', '/api/feedback?size=1')).json
    expect(page).toEqual({ items: [second.json], nextCursor: second.json.id })
    expect(await listed(`?cursor=${page.nextCursor}`)).toEqual([first.json])
  })

  it('is kept once for a request that is sent again', async () => {
    const given = await someone()
    const headers = { 'idempotency-key': 'k' }
    const [first, again] = [await give(given, headers), await give(given, headers)]
    expect(again.json).toEqual(first.json)
    expect(await listed()).toEqual([first.json])
  })

  it('is refused of somebody who is not there, or of a picture that is not theirs', async () => {
    const [ada, bob] = [await someone(), await someone()]
    const refused = async (body: object) => {
      const { status, json } = await give(body)
      return [status, json.type]
    }
    expect(await refused({ ...ada, personId: newTestId() })).toEqual([404, 'PersonNotFound'])
    expect(await refused({ ...ada, imageId: newTestId() })).toEqual([404, 'ImageNotFound'])
    expect(await refused({ ...ada, imageId: bob.imageId })).toEqual([404, 'ImageNotFound'])
    expect(await refused({ ...ada, distance: 2.1 })).toEqual([400, 'BadParamsException'])
    expect(await refused({ ...ada, picture: 'AAAA' })).toEqual([400, 'BadParamsException'])
    expect(await listed()).toEqual([])
  })

  it('is taken back', async () => {
    const { json } = await give(await someone())
    expect((await api.ask('DELETE', `/api/feedback/${json.id}`)).status).toBe(204)
    expect((await api.ask('DELETE', `/api/feedback/${json.id}`)).json.type).toBe('FeedbackNotFound')
    expect(await listed()).toEqual([])
  })

  it('follows whoever is merged, and is erased with whom they are part of', async () => {
    const [ada, twin] = [await someone(), await someone()]
    const { json } = await give(twin)
    const body = { otherId: twin.personId }
    expect((await api.ask('POST', `/api/persons/${ada.personId}/merge`, { body })).status).toBe(200)
    expect(await listed(`?personId=${ada.personId}`)).toEqual([{ ...json, personId: ada.personId }])
    // The picture is Ada's now.
    expect((await give({ ...ada, imageId: twin.imageId })).status).toBe(201)
    await api.ask('DELETE', `/api/persons/${ada.personId}`)
    expect(await listed()).toEqual([])
    const kept = await api.gallery.records.feedback.list({ personIds: null, before: null, limit: 10 })
    expect(kept).toEqual([])
  })
})
