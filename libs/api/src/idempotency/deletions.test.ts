import { deletePerson, type ImportId, type PersonId, storeUnavailable } from '@semblance/core'
import { createNaiveOperationStore } from '@semblance/core/testing'
import {
  createNaiveImageStore,
  createNaiveImportStore,
  enroll,
  makeGroup,
  makePerson,
  openTestGallery,
} from '@semblance/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { endpointsOf } from '../create-api.ts'
import { openTestApi, type TestApi, type TestApiOptions } from '../testing/open-test-api.ts'

const LEASE_MS = 10_000
const headers = { 'idempotency-key': 'k' }

let apis: TestApi[]
let gallery: ReturnType<typeof openTestGallery>
let deps: NonNullable<TestApiOptions['deps']>
let api: TestApi

beforeEach(async () => {
  apis = []
  gallery = openTestGallery()
  const imports = createNaiveImportStore(gallery.clock)
  const staged = createNaiveImageStore(gallery.clock)
  const importing = { imports, staged, maxStagedBytes: 1_000 }
  deps = { operations: createNaiveOperationStore(), importing }
  api = await open()
  deps = { ...deps, idempotency: api.deps.idempotency }
})
afterEach(async () => {
  await Promise.all(apis.map((one) => one.close()))
})

/** A process over these stores. */
async function open(more: NonNullable<TestApiOptions['deps']> = {}): Promise<TestApi> {
  const opened = await openTestApi({ gallery, deps: { ...deps, ...more } })
  apis.push(opened)
  return opened
}

async function made(path: string, body: object): Promise<string> {
  const { status, json } = await api.ask('POST', path, { body })
  expect(status).toBeLessThan(300)
  return json.id
}

async function madePicture() {
  const { id: personId } = await makePerson(gallery)
  const { id: imageId } = await enroll(gallery, personId)
  return { personId, imageId }
}

/** Each call that deletes, as the public description names it: makes what it deletes, and answers what is asked for. */
const DELETIONS: Readonly<Record<string, () => Promise<string>>> = {
  '/api/persons': async () => {
    await makePerson(gallery)
    return '/api/persons?all=true&count=1'
  },
  '/api/persons/{personId}': async () => `/api/persons/${(await makePerson(gallery)).id}`,
  '/api/persons/{personId}/images/{imageId}': async () => {
    const { personId, imageId } = await madePicture()
    return `/api/persons/${personId}/images/${imageId}`
  },
  '/api/groups/{groupId}': async () => `/api/groups/${await makeGroup(gallery)}`,
  '/api/feedback/{feedbackId}': async () => {
    const given = { ...(await madePicture()), distance: 0.91, verdict: 'not-this-person' }
    return `/api/feedback/${await made('/api/feedback', given)}`
  },
  '/api/imports/{importId}': async () => `/api/imports/${await made('/api/imports', { name: 'staff' })}`,
  '/api/operations/{operationId}': async () => {
    const path = `/api/operations/${await made('/api/duplicates', {})}`
    expect((await api.ask('POST', `${path}/cancel`)).status).toBe(200)
    return path
  },
}

/** Signing out is the one that needs no key: it says that nobody is signed in, however often it is asked. */
const NEEDS_NO_KEY = '/api/session'

it('of these kinds are all that there are', () => {
  const paths = endpointsOf(api.deps).flatMap(({ method, path }) => (method === 'delete' ? [path] : []))
  expect(paths.toSorted()).toEqual([...Object.keys(DELETIONS), NEEDS_NO_KEY].toSorted())
})

describe.each(Object.entries(DELETIONS))('DELETE %s', (_route, prepare) => {
  it('sent again with its Idempotency-Key is answered as the first time', async () => {
    const path = await prepare()
    const [first, again] = [
      await api.ask('DELETE', path, { headers }),
      await api.ask('DELETE', path, { headers }),
    ]
    expect(first.status).toBeLessThan(300)
    expect([again.status, again.text]).toEqual([first.status, first.text])
    expect(again.headers.get('location')).toBe(first.headers.get('location'))
    expect(again.headers.get('idempotency-replayed')).toBe('true')
  })

  it('is done, for whoever asks again with its key after a process died before it could answer', async () => {
    const path = await prepare()
    const dead = () => Promise.reject(storeUnavailable(new Error('died')))
    const dying = await open({ idempotency: { ...api.deps.idempotency, complete: dead, release: dead } })
    expect((await dying.ask('DELETE', path, { headers })).status).toBe(503)
    gallery.clock.advance(LEASE_MS)
    expect((await api.ask('DELETE', path, { headers })).status).toBeLessThan(300)
  })

  it('with a key of its own finds nothing, or other persons', async () => {
    const path = await prepare()
    expect((await api.ask('DELETE', path, { headers })).status).toBeLessThan(300)
    for (const { id } of (await api.ask('GET', '/api/persons')).json.items)
      await deletePerson(gallery, id as PersonId)
    const { status } = await api.ask('DELETE', path, { headers: { 'idempotency-key': 'another' } })
    expect([404, 409]).toContain(status)
  })
})

it('begins one operation, however many of its persons are gone as it is sent again', async () => {
  const person = await makePerson(gallery)
  const path = '/api/persons?all=true&count=1'
  const dead = () => Promise.reject(storeUnavailable(new Error('died')))
  const dying = await open({ idempotency: { ...api.deps.idempotency, complete: dead } })
  expect((await dying.ask('DELETE', path, { headers })).status).toBe(503)
  await deletePerson(gallery, person.id)
  const again = await api.ask('DELETE', path, { headers })
  expect([again.status, again.json.kind, again.json.total]).toEqual([202, 'delete-persons', 1])
  expect((await api.ask('GET', '/api/operations')).json.items).toHaveLength(1)
})

it('of an import with its persons is done once, and so answered', async () => {
  const id = await made('/api/imports', { name: 'staff' })
  const { imports } = deps.importing!
  const record = (await imports.records.find(id as ImportId))!
  await imports.records.update(record, { state: 'done', takesRows: false, endedAt: 1, updatedAt: 1 })
  const path = `/api/imports/${id}?persons=created&count=0`
  const answers = [1, 2].map(() => api.ask('DELETE', path, { headers }))
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([204, 204])
})

it('is refused with the key of another deletion', async () => {
  const group = await makeGroup(gallery)
  for (let n = 0; n < 2; n++) await makePerson(gallery, { groups: [group] })
  expect((await api.ask('DELETE', '/api/persons?all=true&count=2', { headers })).status).toBe(202)
  const other = await api.ask('DELETE', `/api/persons?groupId=${group}&count=2`, { headers })
  expect([other.status, other.json.type]).toEqual([422, 'IdempotencyKeyReused'])
})
