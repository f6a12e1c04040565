import { createNaiveOperationStore } from '@semblance/core/testing'
import { createNaiveImageStore, createNaiveImportStore } from '@semblance/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'

let api: TestApi
beforeAll(async () => {
  const clock = { now: () => Date.now(), monotonic: () => performance.now() }
  const [imports, staged] = [createNaiveImportStore(clock), createNaiveImageStore(clock)]
  const importing = { imports, staged, maxStagedBytes: 1_000, maxPictureBytes: 1_000 }
  api = await openTestApi({ deps: { operations: createNaiveOperationStore(), importing } })
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
  [
    'POST',
    '/api/duplicates',
    { treshold: 1, GroupIds: [] },
    'the body has treshold, GroupIds, which are not known here; known are threshold, groupIds',
  ],
  [
    'POST',
    '/api/imports/0190a1b2-0000-7000-8000-000000000000/retry',
    { al: true },
    'the body has al, which is not known here; known are all',
  ],
  [
    'DELETE',
    '/api/imports/0190a1b2-0000-7000-8000-000000000000?persons=created&count=1&dryrun=true',
    undefined,
    'the query has dryrun, which is not known here; known are persons, count, dryRun',
  ],
  ['POST', '/api/imports', { name: 'a', quality: 'high' }, 'quality must be one of off, standard, strict'],
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

it('names what an import does not know, and the characteristics that it does', async () => {
  const refusalOf = async (fields: object) => {
    const { status, json } = await api.ask('POST', '/api/imports', { body: { name: 'a', ...fields } })
    return [status, json.msg]
  }
  const [status, misspelled] = await refusalOf({ samepicture: 'enroll', facez: 'one', dryrun: true })
  expect(status).toBe(400)
  expect(misspelled).toContain(
    'the body has samepicture, facez, dryrun, which are not known here; known are name,',
  )
  expect((await refusalOf({ quality: [{ name: 'Yawn', range: [0, 1] }] }))[1]).toMatch(
    /^quality\.0\.name must be one of .*Blur/,
  )
  expect((await refusalOf({ quality: [{ name: 'Yawn' }] }))[1]).toContain('quality.0.name must be one of')
  expect((await refusalOf({ quality: [{ name: 'Blur', range: [0, 1], rnge: 1 }] }))[1]).toContain(
    'quality.0 has rnge',
  )
})

it('takes no body for one that asks for nothing', async () => {
  const { json } = await api.ask('POST', '/api/imports', { body: { name: 'a' } })
  expect((await api.ask('POST', `/api/imports/${json.id}/retry`)).status).toBe(200)
})
