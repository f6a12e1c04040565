import { aPicture, describedAnswers, newTestId, publicDescription } from '@semblance/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestApi, type TestApi } from './testing/open-test-api.ts'

/** What we serve of the contract begins with; liveness is another product's. */
const SERVED = [
  '/api/persons',
  '/api/groups',
  '/api/search',
  '/api/detect',
  '/api/match',
  '/api/healthz',
  '/api/readyz',
]
/** There is none that could lack. */
const NO_LICENCE = '403'

let api: TestApi
let isReady = true
beforeAll(async () => {
  api = await openTestApi({ deps: { missing: async () => (isReady ? [] : ['redis']) } })
})
afterAll(() => api.close())

const image = (...identities: string[]) => ({
  content: Buffer.from(aPicture({ identities })).toString('base64'),
})

/** Every described answer at least once; `ask` compares each with the description. */
async function askForEverything(): Promise<void> {
  const { json: group } = await api.ask('POST', '/api/groups', { body: { name: 'Staff', metadata: {} } })
  const { json: person } = await api.ask('POST', '/api/persons', {
    body: { name: 'Ada', externalId: 'x', expireAt: '2999-01-01', groups: [group.id] },
  })
  const { json: added } = await api.ask('POST', `/api/persons/${person.id}/images`, {
    body: { image: image('ada') },
  })
  await api.ask('POST', '/api/search?withImages=true', {
    body: { image: image('ada'), outputImageParams: { crop: { type: 0, size: [300, 400] } } },
  })
  await api.ask('POST', '/api/search', { body: { image: image('bob'), createPerson: { name: 'Bob' } } })
  await api.ask('POST', '/api/search', { body: {} })
  await api.ask('POST', '/api/detect', { body: { image: image('ada').content } })
  await api.ask('POST', '/api/match', { body: { images: [{ data: image('ada').content }] } })
  await api.ask('POST', '/api/match_and_search', { body: { images: [image('ada'), image('ada')] } })
  await api.ask('POST', '/api/persons', { body: {} })
  await api.ask('POST', '/api/groups', { body: {} })
  await api.ask('GET', '/api/groups')
  await api.ask('GET', '/api/groups?page=0')
  for (const ids of [
    { person: person.id, image: added.id, group: group.id },
    { person: newTestId(), image: newTestId(), group: newTestId() },
    { person: 'x', image: 'x', group: 'x' },
  ]) {
    await askOfOne(ids)
  }
  await api.ask('GET', '/api/healthz')
  for (isReady of [true, false]) await api.ask('GET', '/api/readyz')
}

async function askOfOne(ids: { readonly person: string; readonly image: string; readonly group: string }) {
  const person = `/api/persons/${ids.person}`
  const group = `/api/groups/${ids.group}`
  await api.ask('GET', person)
  await api.ask('PUT', person, { body: { name: 'Ada' } })
  await api.ask('GET', `${person}/images`)
  await api.ask('POST', `${person}/images`, { body: { image: image('ada') } })
  await api.ask('GET', `${person}/images/${ids.image}`)
  await api.ask('GET', `${person}/groups`)
  await api.ask('GET', group)
  await api.ask('PUT', group, { body: { name: 'Staff', metadata: {} } })
  await api.ask('GET', `${group}/persons`)
  await api.ask('PUT', `${group}/persons`, { body: { addItems: [] } })
  await api.ask('DELETE', `${person}/images/${ids.image}`)
  await api.ask('DELETE', person)
  await api.ask('DELETE', group)
}

describe.skipIf(publicDescription === null)('the public description', () => {
  it('is kept by every answer that it knows', async () => {
    await askForEverything()
    const described = describedAnswers(SERVED).filter((answer) => !answer.endsWith(NO_LICENCE))
    expect(described.length).toBeGreaterThan(40)
    expect(described.filter((answer) => !api.described.has(answer))).toEqual([])
  })
})
