import { afterEach, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'

let api: TestApi
afterEach(() => api.close())

const nameOf = async (key: string) =>
  (await api.ask('POST', '/api/session', { body: { key } })).json.keyName as string

it('calls a key as the settings do, and one without a name by a part of its hash', async () => {
  const apiKeys = ['one-key', 'other-key', 'third-key']
  api = await openTestApi({ config: { apiKeys, apiKeyNames: ['Office', 'Gate 2'] } })
  expect(await nameOf('one-key')).toBe('Office')
  expect(await nameOf('other-key')).toBe('Gate 2')
  expect(await nameOf('third-key')).toMatch(/^[0-9a-f]{16}$/)
})
