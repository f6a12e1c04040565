import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'
import { contentOf, enroll as enrollIn, namesFound } from '../testing/search-acts.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
})
afterEach(() => api.close())

const enroll = (identity: string, fields?: object) => enrollIn(api, identity, fields)
const search = (body: object) => api.ask('POST', '/api/search', { body })

describe('a search by metadata', () => {
  const named = async (metadataFilter: unknown, more: object = {}) => {
    const answer = await search({
      image: { content: contentOf('ada') },
      threshold: 2,
      metadataFilter,
      ...more,
    })
    return answer.status === 200 ? namesFound(answer).toSorted() : answer.json.msg
  }

  it('finds those alone who have all of the values, by the rules of the list of persons', async () => {
    await enroll('ada', { metadata: { desk: 7, site: { city: 'Bonn' }, tags: ['a', 'b'] } })
    await enroll('bob', { metadata: { desk: 8, site: { city: 'Bonn' } } })
    await enroll('eve', { metadata: {} })
    expect(await named({})).toHaveLength(3)
    expect(await named(null)).toHaveLength(3)
    expect(await named({ desk: '7' })).toEqual(['ada'])
    expect(await named({ 'site.city': 'Bonn' })).toEqual(['ada', 'bob'])
    expect(await named({ 'site.city': 'Bonn', desk: '8' })).toEqual(['bob'])
    expect(await named({ tags: ['a', 'b'] })).toEqual(['ada'])
    expect(await named({ tags: ['a', 'c'] })).toEqual([])
    const filter = { op: 'nin', field: 'name', value: ['bob'] }
    expect(await named({ 'site.city': 'Bonn' }, { filter })).toEqual(['ada'])
  })

  it('goes by metadata as it is now, also of somebody whose pictures came by a merge', async () => {
    const ada = await enroll('ada', { metadata: { desk: 7 } })
    const bob = await enroll('bob', { metadata: { desk: 8 } })
    await api.ask('PUT', `/api/persons/${ada.person.id}`, { body: { metadata: { desk: 9 } } })
    expect(await named({ desk: '7' })).toEqual([])
    await api.ask('POST', `/api/persons/${ada.person.id}/merge`, { body: { otherId: bob.person.id } })
    const { json } = await search({
      image: { content: contentOf('bob') },
      metadataFilter: { desk: '9' },
    })
    expect(json.persons).toMatchObject([{ name: 'ada', images: [{ id: bob.image.id }] }])
  })

  it('may come in a form, and in a search by somebody enrolled', async () => {
    const ada = await enroll('ada', { metadata: { desk: 7 } })
    await enroll('bob', { metadata: { desk: 8 } })
    const { json } = await search({ personId: ada.person.id, threshold: 2, metadataFilter: { desk: '8' } })
    expect(json.persons).toMatchObject([{ name: 'bob' }])
    const form = new FormData()
    form.set('image', new Blob([Buffer.from(contentOf('ada'), 'base64')]))
    form.set('threshold', '2')
    form.set('metadataFilter', '{"desk":"8"}')
    const answer = await fetch(`${api.url}/api/search`, { method: 'POST', body: form })
    expect(await answer.json()).toMatchObject({ persons: [{ name: 'bob' }] })
  })

  it('is refused with a key that is no path, or too many values', async () => {
    expect(await named({ 'a\\b': 'x' })).toContain('metadataFilter has a backslash')
    expect(await named({ a: Array.from({ length: 17 }, String) })).toContain('at most 16 values')
    expect(await named({ a: 7 })).toContain('metadataFilter.a')
  })
})
