import {
  aClock,
  aGroup,
  anImage,
  anImport,
  aPerson,
  createNaiveImageStore,
  createNaiveImportStore,
  TEST_PACK,
} from '@semblance/testkit'
import { afterEach, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'

let api: TestApi
afterEach(() => api.close())

it('counts what there is and what waits', async () => {
  api = await openTestApi()
  const { records } = api.gallery
  const person = aPerson()
  await records.persons.insert(person)
  await records.groups.insert(aGroup())
  await records.images.insert(anImage({ personId: person.id, bytes: 700 }))
  await records.settings.claimPack(TEST_PACK)
  const { status, json } = await api.ask('GET', '/api/stats')
  expect(status).toBe(200)
  expect(json).toMatchObject({ persons: 1, groups: 1, images: 1, pictureBytes: 700, pack: TEST_PACK })
  expect(json.indexedImages).toBe(0)
  expect(json.overdue['pending-image']).toEqual({ count: 0, oldestMs: 0 })
  expect(json.queue.bulk).toEqual({ waiting: 0, active: 0, preparing: 0, oldestWaitingMs: 0 })
  expect(json).not.toHaveProperty('imports')
})

it('counts what is under way, however young, apart from what is there', async () => {
  api = await openTestApi()
  const { records } = api.gallery
  await records.persons.insert(aPerson({ dirty: true }))
  await records.persons.insert(aPerson({ state: 'deleting' }))
  await records.images.insert(anImage({ state: 'pending' }))
  const { json } = await api.ask('GET', '/api/stats')
  expect(json).toMatchObject({ persons: 1, images: 0 })
  expect(json.unfinished).toEqual({
    'pending-person': 0,
    'pending-image': 1,
    'deleting-person': 1,
    'deleting-image': 0,
    'deleting-group': 0,
    'dirty-person': 1,
  })
  expect(json.overdue['pending-image'].count).toBe(0)
})

it('tells of imports that are not over', async () => {
  const imports = createNaiveImportStore(aClock())
  const importing = { imports, staged: createNaiveImageStore(aClock()), maxStagedBytes: 1 }
  for (const state of ['open', 'paused', 'paused', 'done'] as const)
    await imports.records.insert(anImport({ state }))
  api = await openTestApi({ deps: { importing } })
  const { json } = await api.ask('GET', '/api/stats')
  expect(json.imports).toEqual({ open: 1, running: 0, paused: 2 })
  expect(json.pack).toBeNull()
})
