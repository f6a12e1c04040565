import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'
import { contentOf, enroll as enrollIn, namesFound } from '../testing/search-acts.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
})
afterEach(() => api.close())

const enroll = (identity: string, fields?: object) => enrollIn(api, identity, fields)
const search = (body: object, query = '') => api.ask('POST', `/api/search${query}`, { body })

describe('a search by a target', () => {
  const ada = { image: { content: contentOf('ada') } }

  it('tells the distance that it came to, and how many strangers to expect within it', async () => {
    await enroll('ada')
    const { status, json } = await search({ ...ada, targetFpir: 0.00001 })
    // One image, and a rate of one in 100,000: the operating point.
    expect(status).toBe(200)
    expect(json).toMatchObject({ code: 0, threshold: 1, expectedFalseMatches: 0.00001 })
    expect(namesFound({ json })).toEqual(['ada'])
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
