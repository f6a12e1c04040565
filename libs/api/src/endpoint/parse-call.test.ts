import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await openTestApi()
})
afterAll(() => api.close())

it.each([
  ['GET', '/api/persons?page=1&page=2', undefined, 'page must be given once'],
  ['GET', '/api/persons?name=a&name=b', undefined, 'name must be given once'],
  [
    'POST',
    '/api/search?withImages=true&withImages=true',
    { image: { content: 'AAAA' } },
    'withImages must be given once',
  ],
  ['POST', '/api/persons', { name: '' }, 'name must have at least 1 character'],
  ['POST', '/api/match', { images: 'x' }, 'images must be a list'],
  ['POST', '/api/persons', { name: [] }, 'name must be a string'],
  ['POST', '/api/groups', { name: [], metadata: {} }, 'name must be a string'],
  ['POST', '/api/detect', { image: [] }, 'image must be a string or an object'],
  ['POST', '/api/detect', { image: { content: 5 } }, 'image.content must be a string'],
  [
    'POST',
    '/api/detect',
    { image: { imageUrl: 'data:image/png;base64,AAAA' } },
    'image.imageUrl is a data URI and no link: send it as content (a match takes it as data)',
  ],
])('%s %s with %j says what is wrong, once', async (...[method, path, body, msg]) => {
  const { json } = await api.ask(method, path, body === undefined ? {} : { body })
  expect(json.msg).toBe(msg)
})
