import { compareImages, type OperationRunner, type PersonId, startOperationRunner } from '@semblance/core'
import { createNaiveOperationStore } from '@semblance/core/testing'
import {
  createFakeFaceEngine,
  enroll,
  makeGroup,
  makePerson,
  newTestId,
  openTestGallery,
} from '@semblance/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'

let api: TestApi
let runner: OperationRunner
beforeEach(async () => {
  const operations = createNaiveOperationStore()
  const clock = { now: () => Date.now(), monotonic: () => performance.now() }
  const empty = openTestGallery()
  const eraseFromOperations = (id: PersonId) => operations.pairs.erase(id)
  const gallery = {
    ...empty,
    clock: { ...empty.clock, ...clock },
    newId: newTestId,
    eraseFromOperations,
    handOverPairs: operations.pairs.handOver,
  }
  const deps = { gallery, engine: createFakeFaceEngine() }
  runner = startOperationRunner(
    { gallery, operations, compareImages: (request, waiting) => compareImages(deps, request, waiting) },
    { everyMs: 5 },
  )
  api = await openTestApi({ gallery, deps: { operations } })
})
afterEach(async () => {
  await Promise.all([runner.stop(), api.close()])
})

async function ended(path: string) {
  await expect.poll(async () => (await api.ask('GET', path)).json.endedAt, { timeout: 10_000 }).toBeDefined()
  return (await api.ask('GET', path)).json
}

it('deletes persons by a filter, once their count is confirmed', async () => {
  const groupId = await makeGroup(api.gallery)
  for (let i = 0; i < 3; i++) {
    const { id } = await makePerson(api.gallery, { groups: [groupId], metadata: '{"site":"a"}' })
    await enroll(api.gallery, id)
  }
  await makePerson(api.gallery)
  const path = `/api/persons?groupId=${groupId}`
  const counted = await api.ask('DELETE', `${path}&dryRun=true`)
  expect([counted.status, counted.json]).toEqual([200, { count: 3, images: 3 }])
  const other = await api.ask('DELETE', `${path}&count=2`)
  expect([other.status, other.json.type, other.json.metadata]).toEqual([
    409,
    'PersonCountDiffers',
    { count: 3 },
  ])
  const begun = await api.ask('DELETE', `${path}&metadata.site=a&count=3`)
  expect(begun.status, begun.text).toBe(202)
  expect(begun.json).toMatchObject({ kind: 'delete-persons', total: 3 })
  const operation = `/api/operations/${begun.json.id}`
  expect(begun.headers.get('location')).toBe(operation)
  expect(await ended(operation)).toMatchObject({ state: 'done', done: 3, skipped: 0 })
  expect((await api.ask('GET', '/api/persons')).json.items).toHaveLength(1)
  const listed = await api.ask('GET', '/api/operations?kind=delete-persons')
  expect(listed.json.items).toEqual([await ended(operation)])
  expect((await api.ask('POST', `${operation}/pause`)).status).toBe(409)
  expect((await api.ask('DELETE', operation)).status).toBe(204)
  expect((await api.ask('GET', operation)).status).toBe(404)
  expect((await api.ask('DELETE', operation)).status).toBe(404)
})

it('tells its progress as events, also to whoever comes back', async () => {
  const { id } = await makePerson(api.gallery, { name: 'Ada' })
  await enroll(api.gallery, id)
  const path = `/api/operations/${(await api.ask('POST', '/api/duplicates', { body: {} })).json.id}`
  const { text, headers } = await api.ask('GET', `${path}/events`)
  expect(headers.get('content-type')).toBe('text/event-stream')
  const events = text.trim().split('\n\n')
  const last = /^event: progress\nid: ([0-9a-f]{16})\ndata: (.+)$/.exec(events.at(-1)!)!
  expect(JSON.parse(last[2]!)).toEqual(await ended(path))
  const known = { 'last-event-id': last[1]! }
  expect((await api.ask('GET', `${path}/events`, { headers: known })).status).toBe(204)
  const other = await api.ask('GET', `${path}/events`, { headers: { 'last-event-id': '0123456789abcdef' } })
  expect(other.text).toBe(`${events.at(-1)}\n\n`)
})

it.each([
  ['no filter and no "all"', 'count=1', 'all must be true to delete everybody'],
  ['everybody and a filter', 'all=true&name=Ada&count=1', 'all must not be sent together with a filter'],
  ['no count', 'name=Ada', 'count is missing'],
  ['a misspelled filter', 'nam=Ada&count=1', 'nam is not known here'],
  ['a filter of pages', 'name=Ada&count=1&page=2', 'page is not known here'],
  ['a count that is none', 'name=Ada&count=-1', 'count must be a whole number'],
])('refuses a deletion with %s', async (_what, query, why) => {
  await makePerson(api.gallery)
  const answer = await api.ask('DELETE', `/api/persons?${query}`)
  expect([answer.status, answer.json.type]).toEqual([400, 'BadParamsException'])
  expect(answer.json.msg).toContain(why)
})

it('deletes everybody, if that is said', async () => {
  await makePerson(api.gallery)
  const begun = await api.ask('DELETE', '/api/persons?all=true&count=1')
  await ended(`/api/operations/${begun.json.id}`)
  expect((await api.ask('GET', '/api/persons')).json.items).toEqual([])
})

it('finds who is enrolled twice, shows the pairs, and takes a decision about each', async () => {
  const names = ['Ada', 'Ada King', 'Bob', 'Countess']
  const persons = []
  for (const [i, name] of names.entries()) {
    const person = await makePerson(api.gallery, { name })
    persons.push(person)
    await enroll(api.gallery, person.id, { identity: name === 'Bob' ? 'bob' : 'ada', variation: i })
  }
  const begun = await api.ask('POST', '/api/duplicates', { body: { threshold: 1 } })
  expect(begun.status, begun.text).toBe(202)
  const path = `/api/duplicates/${begun.json.id}`
  expect(begun.headers.get('location')).toBe(path)
  expect(await ended(path)).toMatchObject({
    state: 'done',
    done: 4,
    total: 4,
    pairs: 3,
    isLimitReached: false,
  })
  const list = (await api.ask('GET', '/api/duplicates')).json.items
  expect(list).toEqual([await ended(path)])

  const whole = (await api.ask('GET', `${path}/pairs`)).json
  expect(whole.items.map(({ distance }: { distance: number }) => distance)).toEqual(
    whole.items
      .map(({ distance }: { distance: number }) => distance)
      .toSorted((a: number, b: number) => a - b),
  )
  const shown = whole.items[0].persons.map(({ name }: { name: string }) => name)
  expect(names.filter((name) => shown.includes(name))).toHaveLength(2)
  expect(shown).not.toContain('Bob')
  const first = (await api.ask('GET', `${path}/pairs?size=2`)).json
  const second = (await api.ask('GET', `${path}/pairs?size=2&cursor=${first.nextCursor}`)).json
  expect([...first.items, ...second.items]).toEqual(whole.items)
  expect(second.nextCursor).toBeUndefined()
  const lines = await api.ask('GET', `${path}/pairs?format=ndjson`)
  expect(
    lines.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual(whole.items)
  const picture = await api.ask('GET', `/api/${whole.items[0].persons[1].path}`)
  expect(picture.status).toBe(200)

  const personIds = [persons[1]!.id, persons[0]!.id]
  const decided = await api.ask('PUT', `${path}/decisions`, { body: { personIds, decision: 'keep' } })
  expect(decided.status).toBe(204)
  const kept = (await api.ask('GET', `${path}/pairs?decision=keep`)).json.items
  expect(kept).toHaveLength(1)
  expect(kept[0]).toMatchObject({ decision: 'keep' })
  expect((await api.ask('GET', `${path}/pairs?decision=none`)).json.items).toHaveLength(2)
  const unknown = { personIds: [persons[2]!.id, persons[0]!.id], decision: 'keep' }
  expect((await api.ask('PUT', `${path}/decisions`, { body: unknown })).json.type).toBe('PairNotFound')

  await api.ask('DELETE', `/api/persons/${persons[3]!.id}`)
  expect((await api.ask('GET', `${path}/pairs`)).json.items).toEqual(kept)
  expect((await ended(path)).pairs).toBe(1)
})

it('says what is wrong with a search for duplicates', async () => {
  const id = newTestId()
  const unknown = await api.ask('POST', '/api/duplicates', { body: { groupIds: [id] } })
  expect([unknown.status, unknown.json.type]).toEqual([400, 'BadParamsException'])
  expect((await api.ask('POST', '/api/duplicates', { body: { threshold: 3 } })).status).toBe(400)
  for (const path of [
    `/api/duplicates/${id}`,
    `/api/duplicates/${id}/pairs`,
    `/api/operations/${id}`,
    `/api/operations/${id}/events`,
  ])
    expect((await api.ask('GET', path)).json.type).toBe('OperationNotFound')
  const body = { personIds: [id, newTestId()], decision: null }
  expect((await api.ask('PUT', `/api/duplicates/${id}/decisions`, { body })).status).toBe(404)
  expect((await api.ask('POST', `/api/operations/${id}/cancel`)).status).toBe(404)
  expect((await api.ask('GET', `/api/duplicates/${id}/pairs?cursor=x`)).status).toBe(400)
})
