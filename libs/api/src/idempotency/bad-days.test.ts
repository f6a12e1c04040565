import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import {
  deleteGroup,
  deleteImage,
  deletePerson,
  type GalleryPorts,
  type GroupId,
  type ImageId,
  overloaded,
  type PersonId,
  reconcile,
  storeUnavailable,
} from '@semblance/core'
import {
  aPicture,
  crashAt,
  ProcessDied,
  recordSteps,
  shownPersons,
  type TestGallery,
} from '@semblance/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestQueue, openTestApi, type TestApi, type TestApiOptions } from '../testing/open-test-api.ts'

const LEASE_MS = 10_000
const MINUTE = 60_000

let healthy: TestApi
let others: TestApi[]
beforeEach(async () => {
  others = []
  healthy = await openTestApi()
})
afterEach(async () => {
  await Promise.all([healthy, ...others].map((api) => api.close()))
})

/** Another process over the same stores, with something wrong. */
async function sickProcess(options: Omit<TestApiOptions, 'ports'>): Promise<TestApi> {
  const { idempotency } = healthy.deps
  const deps = { idempotency, ...(options.queue ? { inFlight: healthy.pictures } : {}), ...options.deps }
  const sick = await openTestApi({ gallery: healthy.gallery, ...options, deps })
  others.push(sick)
  return sick
}

const picture = (name: string) => ({
  content: Buffer.from(aPicture({ identities: [name] })).toString('base64'),
})
const headers = { 'idempotency-key': 'k' }
const gallery = (): TestGallery => healthy.gallery
const shown = () => shownPersons(gallery())

/** Every POST with an effect, and how many of its thing there are. */
const DEEDS = {
  'create a person': {
    prepare: async () => ({ path: '/api/persons', body: { name: 'Ada' } as object }),
    count: async () => (await shown()).length,
    delete: async (id: string) => void (await deletePerson(gallery(), id as PersonId)),
  },
  'create a group': {
    prepare: async () => ({ path: '/api/groups', body: { name: 'Visitors', metadata: {} } as object }),
    count: async () => (await healthy.ask('GET', '/api/groups')).json.items.length as number,
    delete: async (id: string) => void (await deleteGroup(gallery(), id as GroupId)),
  },
  'search and create': {
    prepare: async () => ({
      path: '/api/search',
      body: { image: picture('ada'), createPerson: { name: 'Ada' } } as object,
    }),
    count: async () => (await shown()).length,
    delete: async () => {
      const [only] = await shown()
      if (only !== undefined) await deletePerson(gallery(), only.person.id)
    },
  },
  'add an image': {
    prepare: async () => {
      const { json } = await healthy.ask('POST', '/api/persons', { body: { name: 'Ada' } })
      return { path: `/api/persons/${json.id}/images`, body: { image: picture('ada') } as object }
    },
    count: async () => (await shown()).flatMap(({ images }) => images).length,
    delete: async () => {
      const [only] = await shown()
      const imageId = only?.images[0]?.id
      if (only !== undefined && imageId !== undefined)
        await deleteImage(gallery(), { personId: only.person.id, imageId: imageId as ImageId })
    },
  },
} as const

type DeedName = keyof typeof DEEDS
const NAMES = Object.keys(DEEDS) as DeedName[]

const send = (api: TestApi, call: { readonly path: string; readonly body: object }) =>
  api.ask('POST', call.path, { body: call.body, headers })

describe.each(NAMES)('%s', (name) => {
  const deed = DEEDS[name]

  it('has one effect if the process died between the effect and the note of its answer', async () => {
    const call = await deed.prepare()
    const complete = () => Promise.reject(storeUnavailable(new Error('died')))
    const release = () => Promise.reject(storeUnavailable(new Error('died')))
    const sick = await sickProcess({
      deps: { idempotency: { ...healthy.deps.idempotency, complete, release } },
    })
    expect((await send(sick, call)).status).toBe(503)
    expect(await deed.count()).toBe(1)
    gallery().clock.advance(LEASE_MS)
    const retried = await send(healthy, call)
    expect(retried.status).toBeLessThan(300)
    const again = await send(healthy, call)
    expect([again.status, again.text]).toEqual([retried.status, retried.text])
    expect(await deed.count()).toBe(1)
  })

  it('is not made again by a retry hours later', async () => {
    const call = await deed.prepare()
    const complete = () => Promise.reject(storeUnavailable(new Error('died')))
    const sick = await sickProcess({ deps: { idempotency: { ...healthy.deps.idempotency, complete } } })
    await send(sick, call)
    gallery().clock.advance(3 * 60 * MINUTE)
    expect((await send(healthy, call)).status).toBeLessThan(300)
    expect(await deed.count()).toBe(1)
  })

  it.each([
    'at once',
    'after the reconciler has been by',
    'two hours later',
  ])('has one effect wherever the process died, retried %s', async (when) => {
    const steps = await countSteps(deed)
    expect(steps).toBeGreaterThan(0)
    for (let n = 0; n < steps; n++) {
      for (const moment of ['before', 'after'] as const) {
        const api = await openTestApi()
        others.push(healthy)
        healthy = api
        const call = await deed.prepare()
        const before = await deed.count()
        const dying = crashAt(gallery(), { n, when: moment })
        await sendToDying(call, dying)
        if (when !== 'at once') await reconcile(gallery(), { waitsForOthers: false })
        gallery().clock.advance(when === 'two hours later' ? 120 * MINUTE : LEASE_MS)
        const retried = await send(healthy, call)
        const point = `${moment} step ${n + 1}`
        expect(retried.status, `${point}: ${retried.text}`).toBeLessThan(300)
        expect(await deed.count(), point).toBe(before + 1)
        expect((await send(healthy, call)).text, point).toBe(retried.text)
      }
    }
  }, 60_000)

  if (name !== 'add an image')
    it('is not made again if somebody deleted it before the retry', async () => {
      const call = await deed.prepare()
      const complete = () => Promise.reject(storeUnavailable(new Error('died')))
      const sick = await sickProcess({ deps: { idempotency: { ...healthy.deps.idempotency, complete } } })
      await send(sick, call)
      const claim = [...claims().values()][0] as { seed: string }
      await deed.delete(claim.seed)
      const count = await deed.count()
      const { status, json } = await send(healthy, call)
      expect([status, json.type]).toEqual([422, 'IdempotencyKeySpent'])
      expect(await deed.count()).toBe(count)
    })
})

const claims = () => (healthy.deps.idempotency as unknown as { claims: Map<string, object> }).claims

async function countSteps(deed: (typeof DEEDS)[DeedName]): Promise<number> {
  const call = await deed.prepare()
  const recorded = recordSteps(gallery())
  await send(await sickProcess({ gallery: recorded.gallery as TestGallery }), call)
  return recorded.steps.length
}

/** A process that dies in the course of the request: it neither answers nor lets its claim go. */
async function sendToDying(call: { readonly path: string; readonly body: object }, dying: GalleryPorts) {
  const dead = () => Promise.reject(new ProcessDied('the process died here'))
  const idempotency = { ...healthy.deps.idempotency, complete: dead, release: dead, extend: dead }
  const sick = await sickProcess({ gallery: dying as TestGallery, deps: { idempotency } })
  const { status } = await send(sick, call)
  expect(status).toBeGreaterThanOrEqual(500)
}

describe('a retry', () => {
  it('after a 503 really runs again, with the ids of the first run', async () => {
    const payloads: { imageId: string }[] = []
    const queue = createTestQueue(async ({ payload }) => {
      payloads.push(payload as { imageId: string })
      throw overloaded('the lane', 1)
    })
    const { path, body } = await DEEDS['add an image'].prepare()
    const sick = await sickProcess({ queue })
    for (const _ of [1, 2]) expect((await send(sick, { path, body })).status).toBe(503)
    expect(payloads).toHaveLength(2)
    expect(payloads[0]?.imageId).toBe(payloads[1]?.imageId)
    expect((await send(healthy, { path, body })).json.id).toBe(payloads[0]?.imageId)
  })

  it('after a newcomer could not be made really runs again', async () => {
    const call = await DEEDS['search and create'].prepare()
    const sick = await sickProcess({ queue: createTestQueue(async () => ({ outcome: 'not-created' })) })
    expect((await send(sick, call)).status).toBe(409)
    expect((await send(healthy, call)).status).toBe(201)
  })

  it('after a fault of ours really runs again', async () => {
    const call = await DEEDS['search and create'].prepare()
    const sick = await sickProcess({ queue: createTestQueue(() => Promise.reject(new TypeError('bug'))) })
    expect((await send(sick, call)).status).toBe(500)
    expect((await send(healthy, call)).status).toBe(201)
  })

  it('after its caller had left runs at once, and finishes what was begun', async () => {
    const call = await DEEDS['search and create'].prepare()
    const begun = Promise.withResolvers<void>()
    const queue = createTestQueue((_request, { signal }) => {
      begun.resolve()
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
      })
    })
    const sick = await sickProcess({ queue })
    const leaving = request(`${sick.url}${call.path}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
    })
    leaving.on('error', () => {})
    leaving.end(JSON.stringify(call.body))
    await begun.promise
    leaving.destroy()
    expect((await send(healthy, call)).status).toBe(201)
    expect(await shown()).toHaveLength(1)
  })

  it('in another process waits for the first run and answers the same', async () => {
    const call = await DEEDS['search and create'].prepare()
    const begun = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<void>()
    const queue = createTestQueue(async (job, waiting) => {
      begun.resolve()
      await gate.promise
      return healthy.deps.queue.run(job, waiting)
    })
    const slow = await sickProcess({ queue })
    const first = send(slow, call)
    await begun.promise
    const second = send(healthy, call)
    gate.resolve()
    const [one, two] = await Promise.all([first, second])
    expect([one.status, two.status]).toEqual([201, 201])
    expect(two.text).toBe(one.text)
    expect(await shown()).toHaveLength(1)
  })

  it('waits no longer than a deadline for a first run that does not end', async () => {
    const call = await DEEDS['search and create'].prepare()
    const gate = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    const queue = createTestQueue(async () => {
      begun.resolve()
      await gate.promise
      throw overloaded('the lane', 1)
    })
    const config = { searchDeadlineMs: 100, enrollDeadlineMs: 100 }
    const slow = await sickProcess({ queue, config })
    const first = send(slow, call)
    await begun.promise
    const second = send(slow, call)
    const ticking = setInterval(() => gallery().clock.advance(50), 10)
    const { status, json, headers: answered } = await second
    clearInterval(ticking)
    expect([status, json.type, answered.get('retry-after')]).toEqual([503, 'E_DEADLINE', '1'])
    gate.resolve()
    await first
  })

  it('takes over from a process that sleeps, and both give one answer', async () => {
    const call = await DEEDS['create a person'].prepare()
    const gate = Promise.withResolvers<void>()
    const reached = Promise.withResolvers<void>()
    const { idempotency } = healthy.deps
    const complete: typeof idempotency.complete = async (...args) => {
      reached.resolve()
      await gate.promise
      return idempotency.complete(...args)
    }
    const sleeping = await sickProcess({ deps: { idempotency: { ...idempotency, complete } } })
    const first = send(sleeping, call)
    await reached.promise
    gallery().clock.advance(LEASE_MS)
    const [made] = await shown()
    // What the sleeper is about to answer is no longer what the next one will.
    await healthy.ask('PUT', `/api/persons/${made?.person.id}`, { body: { name: 'Grace' } })
    const second = await send(healthy, call)
    gate.resolve()
    expect((await first).text).toBe(second.text)
    expect(second.json.name).toBe('Grace')
    expect(await shown()).toHaveLength(1)
  })

  it('of a request whose answer is too large to keep makes it anew, with one effect', async () => {
    const noise = randomBytes(9_000_000)
    const call = await DEEDS['search and create'].prepare()
    let runs = 0
    const queue = createTestQueue(async (job, waiting) => {
      runs += 1
      const result = (await healthy.deps.queue.run(job, waiting)) as { detection: object }
      return { ...result, detection: { ...result.detection, crop: noise.toString('base64') } }
    })
    const large = await sickProcess({ queue })
    const [first, again] = [await send(large, call), await send(large, call)]
    expect([first.status, again.status, again.text === first.text]).toEqual([201, 201, true])
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(runs).toBe(2)
    expect(await shown()).toHaveLength(1)
    expect([...claims().values()]).toMatchObject([{ reply: null }])
  })

  it('is answered from a record much smaller than a large answer', async () => {
    const { json } = await healthy.ask('POST', '/api/persons', {
      body: { name: 'Ada', metadata: { text: 'x'.repeat(60_000) } },
      headers,
    })
    expect(json.metadata.text).toHaveLength(60_000)
    const [claim] = [...claims().values()] as { reply: { encoding: string; body: Uint8Array } }[]
    expect(claim?.reply.encoding).toBe('gzip')
    expect(claim?.reply.body.byteLength).toBeLessThan(2_000)
    const again = await healthy.ask('POST', '/api/persons', {
      body: { name: 'Ada', metadata: { text: 'x'.repeat(60_000) } },
      headers,
    })
    expect(again.json).toEqual(json)
  })
})

describe('with the store of answers away', () => {
  const away = () => Promise.reject(storeUnavailable(new Error('away')))

  it('a request with a key answers 503 and has no effect', async () => {
    const sick = await sickProcess({ deps: { idempotency: { ...healthy.deps.idempotency, claim: away } } })
    const { status, json } = await send(sick, { path: '/api/persons', body: { name: 'Ada' } })
    expect([status, json.type]).toEqual([503, 'E_STORE_UNAVAILABLE'])
    expect(await shown()).toEqual([])
  })

  it('a request without a key does not notice', async () => {
    const sick = await sickProcess({ deps: { idempotency: { ...healthy.deps.idempotency, claim: away } } })
    expect((await sick.ask('POST', '/api/persons', { body: { name: 'Ada' } })).status).toBe(201)
  })
})
