import { afterEach, beforeEach, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
})
afterEach(() => api.close())

const SHORT = 'data:image/png;base64,AAAA'
const LONG = `data:image/jpeg;base64,${'A'.repeat(100_000)}`

it.each([
  ['short', SHORT],
  ['as long as a photo', LONG],
  ['in capitals', ' DATA:image/png,x'],
])('a data URI where a link belongs is told to be sent as content: %s', async (_what, imageUrl) => {
  const { json: person } = await api.ask('POST', '/api/persons', { body: { name: 'Ada' } })
  const calls = await Promise.all([
    api.ask('POST', `/api/persons/${person.id}/images`, { body: { image: { imageUrl } } }),
    api.ask('POST', '/api/search', { body: { image: { imageUrl } } }),
    api.ask('POST', '/api/match', { body: { images: [{ imageUrl }, { imageUrl }] } }),
  ])
  // A match tells a wrong body with 200 and a code of its own.
  expect(calls.map(({ status }) => status)).toEqual([400, 400, 200])
  for (const { text } of calls) {
    expect(text).toContain('is a data URI and no link: send it as content')
    expect(text.length).toBeLessThan(1_000)
  }
})
