import { aPicture } from '@semblance/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
})
afterEach(() => api.close())

const base64 = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64')
const content = (...identities: string[]) => base64(aPicture({ identities }))

async function enroll(identity: string, fields: object = {}) {
  api.gallery.clock.advance(1)
  const { json: person } = await api.ask('POST', '/api/persons', { body: { name: identity, ...fields } })
  const body = { image: { content: content(identity) } }
  const { json: image } = await api.ask('POST', `/api/persons/${person.id}/images`, { body })
  return { person, image }
}

const search = (body: object, query = '') => api.ask('POST', `/api/search${query}`, { body })
const namesOf = (answer: { json: { persons: { name: string }[] } }) =>
  answer.json.persons.map(({ name }) => name)

describe('a search by a target', () => {
  const ada = { image: { content: content('ada') } }

  it('tells the distance that it came to, and how many strangers to expect within it', async () => {
    await enroll('ada')
    const { status, json } = await search({ ...ada, targetFpir: 0.00001 })
    // One image, and a rate of one in 100,000: the operating point.
    expect(status).toBe(200)
    expect(json).toMatchObject({ code: 0, threshold: 1, expectedFalseMatches: 0.00001 })
    expect(namesOf({ json })).toEqual(['ada'])
    const strict = await search({ ...ada, targetFpir: 1e-9 })
    expect(strict.json.threshold).toBeLessThan(0.2)
  })

  it('is as strict for somebody who is enrolled', async () => {
    const { person } = await enroll('ada')
    const { json } = await search({ personId: person.id, includeSelf: true, targetFpir: 0.00001 })
    expect(json).toMatchObject({ threshold: 1, persons: [{ name: 'ada' }] })
  })

  it('says nothing of it in a search by distance', async () => {
    const { json } = await search({ ...ada, threshold: 1 })
    expect(Object.keys(json).toSorted()).toEqual(['code', 'persons'])
  })

  it.each([{ threshold: 1 }, { max_distance: 1 }])('is refused together with %j', async (other) => {
    const { status, json } = await search({ ...ada, targetFpir: 0.01, ...other })
    expect([status, json.type]).toEqual([400, 'BadParamsException'])
    expect(json.msg).toMatch(/targetFpir.*together with threshold/)
  })

  it.each([0, 1, -0.1, '0.1'])('is refused for %j', async (targetFpir) => {
    const { status, json } = await search({ ...ada, targetFpir })
    expect([status, json.msg]).toEqual([400, expect.stringContaining('targetFpir')])
  })

  it('may be the rule of the server, which a threshold goes before', async () => {
    await api.close()
    api = await openTestApi({ config: { targetFpir: 0.00001 } })
    await enroll('ada')
    expect((await search(ada)).json).toMatchObject({ threshold: 1 })
    expect((await search({ ...ada, threshold: 0.5 })).json).not.toHaveProperty('threshold')
    expect((await search({ ...ada, targetFpir: 1e-7 })).json.threshold).toBeLessThan(0.6)
  })
})
