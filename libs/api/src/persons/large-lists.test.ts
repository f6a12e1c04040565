import { type Person, type PersonId, readPage } from '@semblance/core'
import { aClock, aPerson, createNaiveRecordStore } from '@semblance/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'

/** 65 MB on a page: one has room, two have not. */
const METADATA = JSON.stringify({ text: 'x'.repeat(65_000) })
const PERSONS: readonly Person[] = Array.from({ length: 1000 }, () => aPerson({ metadata: METADATA }))
/** Of all answers together. */
const ROOM_BYTES = 96_000_000
const PORTION_BYTES = 1_200_000

let api: TestApi
let bytesRead = 0

/** A store of a thousand persons with long metadata, which counts what it gives away. */
function countingStore() {
  const clock = aClock()
  const store = createNaiveRecordStore(clock)
  const byId = new Map(PERSONS.map((person) => [person.id, person]))
  const findMany = async (ids: readonly PersonId[]) => {
    bytesRead += ids.length * METADATA.length
    return ids.map((id) => byId.get(id)!)
  }
  const ids = [...byId.keys()].toReversed()
  const list: typeof store.persons.list = (_query, request, listing) =>
    readPage({ ids, total: ids.length }, { request, findMany, isShown: () => true }, listing)
  return { clock, records: { ...store, persons: { ...store.persons, list } } }
}

beforeEach(async () => {
  bytesRead = 0
  api = await openTestApi({ ports: countingStore() })
})
afterEach(() => api.close())

it('a list without room is refused before it is read, and answered once there is room', async () => {
  const first = await fetch(`${api.url}/api/persons`)
  expect(first.status).toBe(200)
  const whole = PERSONS.length * METADATA.length
  expect(bytesRead).toBe(whole)

  const second = await api.ask('GET', '/api/persons')
  expect(second).toMatchObject({ status: 503, json: { type: 'E_OVERLOADED' } })
  expect(second.headers.get('retry-after')).toBe('1')
  expect(bytesRead - whole).toBeLessThan(ROOM_BYTES - whole + PORTION_BYTES)

  await first.body?.cancel()
  await expect.poll(async () => (await api.ask('GET', '/api/persons')).status).toBe(200)
})
