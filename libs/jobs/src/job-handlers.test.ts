import type {
  EngineWork,
  GalleryId,
  GalleryPorts,
  ImageId,
  ImageLinks,
  LinkOutcome,
  PersonId,
  PictureRef,
  Stage,
} from '@semblance/core'
import { createPerson, engineFailed, jobFailed, onlyGallery } from '@semblance/core'
import {
  aPicture,
  crashAt,
  createFakeFaceEngine,
  expectSettled,
  openTestGallery,
  ProcessDied,
  reconcileUntilSettled,
  recordSteps,
  shownPersons,
  type TestGallery,
  withRecords,
} from '@semblance/testkit'
import { beforeEach, describe, expect, it } from 'vitest'
import { type AddImagePayload, catalogue, type JobName, type SearchPayload } from './catalogue.ts'
import { onlyEngine } from './handlers/in-every-pack.ts'
import { createJobHandlers, type JobDeps } from './job-handlers.ts'

const KNOWN_REF = 'ref-1' as PictureRef

let gallery: TestGallery
let inFlight: Map<PictureRef, Uint8Array>
let links: Map<string, LinkOutcome>
let stages: Stage[]
let personId: PersonId
beforeEach(async () => {
  gallery = openTestGallery()
  inFlight = new Map([[KNOWN_REF, aPicture({ identities: ['ada'] })]])
  links = new Map()
  stages = []
  personId = gallery.newId()
  const draft = { name: 'Ada', externalId: null, metadata: '{}', groups: [], expireAt: null }
  await createPerson(gallery, { id: personId, ...draft })
})

type GivenDeps = Partial<JobDeps> & { readonly gallery?: GalleryPorts }

function deps({ gallery: other = gallery, ...given }: GivenDeps = {}): JobDeps {
  const unknown: LinkOutcome = { outcome: 'refused', reason: 'unreachable' }
  const fetcher: ImageLinks = { fetch: async (link) => links.get(link) ?? unknown, close: async () => {} }
  return {
    galleryOf: onlyGallery(other),
    packs: onlyEngine(createFakeFaceEngine()),
    inFlight: {
      put: async () => KNOWN_REF,
      get: async (ref) => inFlight.get(ref) ?? null,
      drop: async () => {},
    },
    links: fetcher,
    observe: (stage) => stages.push(stage),
    ...given,
  }
}

function run(name: JobName, payload: unknown, given: { deps?: GivenDeps; work?: EngineWork } = {}) {
  const handle = createJobHandlers(deps(given.deps))[name]
  return handle(payload, given.work ?? { lane: 'enroll' })
}

function anEnrollment(given: Partial<AddImagePayload> = {}): AddImagePayload {
  const picture = { from: { kind: 'ref', ref: KNOWN_REF } as const, resize: null }
  return { requestId: 'r', imageId: gallery.newId<ImageId>(), personId, picture, ...given }
}

function aSearch(given: Partial<SearchPayload> = {}): SearchPayload {
  return {
    requestId: 'r',
    picture: { from: { kind: 'ref', ref: KNOWN_REF }, resize: null },
    groupIds: [],
    field: null,
    threshold: 1,
    limit: 10,
    detectAll: false,
    crop: null,
    createPerson: null,
    ...given,
  }
}

const shownImages = async () => (await shownPersons(gallery)).flatMap(({ images }) => images)

describe('every job', () => {
  it('has a handler', () => {
    expect(Object.keys(createJobHandlers(deps())).toSorted()).toEqual(Object.keys(catalogue).toSorted())
  })

  it.each([
    ['no object', () => null],
    ['a field of another type', () => ({ ...aSearch(), limit: '10' })],
    ['a missing field', () => ({ ...aSearch(), picture: undefined })],
    ['a picture from nowhere', () => aSearch({ picture: { from: { kind: 'disk' } as never, resize: null } })],
    ['an empty id', () => aSearch({ groupIds: ['' as never] })],
    ['a threshold beyond the scale', () => aSearch({ threshold: 2.5 })],
    ['a limit of nobody', () => aSearch({ limit: 0 })],
  ])('fails for good with E_JOB_FAILED, before it does anything, for a payload with %s', async (_, payload) => {
    const recorded = recordSteps(gallery)
    const search = run('search', payload(), { deps: { gallery: recorded.gallery } })
    await expect(search).rejects.toMatchObject({ code: 'E_JOB_FAILED', retryable: false })
    expect(recorded.steps).toEqual([])
  })

  it('does not look into one gallery for a payload that names another', async () => {
    const search = run('search', aSearch({ galleryId: 'visitors' as GalleryId }))
    await expect(search).rejects.toThrow('visitors')
  })

  it('takes fields that a later release may add', async () => {
    expect(await run('search', { ...aSearch(), colour: 'blue' })).toMatchObject({ outcome: 'searched' })
  })

  it.each([
    'search',
    'add-image',
  ] as const)('%s throws E_DEADLINE when the picture has expired', async (name) => {
    inFlight.clear()
    const payload = name === 'search' ? aSearch() : anEnrollment()
    await expect(run(name, payload)).rejects.toMatchObject({ code: 'E_DEADLINE', retryable: true })
    expect(await shownImages()).toEqual([])
  })

  it.each([
    'search',
    'add-image',
  ] as const)('%s says why a link was refused, and writes nothing', async (name) => {
    const url = 'https://example.org/ada.jpg'
    links.set(url, { outcome: 'refused', reason: 'address-not-allowed' })
    const picture = { from: { kind: 'link', url } as const, resize: null }
    const payload = name === 'search' ? aSearch({ picture }) : anEnrollment({ picture })
    expect(await run(name, payload)).toEqual({ outcome: 'link-refused', reason: 'address-not-allowed' })
    expect(await shownImages()).toEqual([])
    expect(stages).toEqual(['fetch'])
  })

  it.each(['search', 'add-image'] as const)('%s passes on the fault of an engine that died', async (name) => {
    const fault = engineFailed(new Error('thread'))
    const engine = { ...createFakeFaceEngine(), findFaces: () => Promise.reject(fault) }
    const payload = name === 'search' ? aSearch() : anEnrollment()
    await expect(run(name, payload, { deps: { packs: onlyEngine(engine) } })).rejects.toBe(fault)
  })

  it('answers with JSON, without descriptors or pixels', async () => {
    const crop = {
      ratio: { width: 3, height: 4 },
      size: null,
      padColor: [0, 0, 0] as [number, number, number],
    }
    const createPerson = {
      personId: gallery.newId<PersonId>(),
      imageId: gallery.newId<ImageId>(),
      name: 'N',
      metadata: '{}',
      ttlSeconds: null,
    }
    const results = [
      await run('add-image', anEnrollment()),
      await run('search', aSearch({ crop })),
      await run('search', aSearch({ createPerson, groupIds: [], threshold: 0, crop })),
    ]
    expect(results.map((result) => (result as { outcome: string }).outcome)).toEqual([
      'added',
      'searched',
      'created',
    ])
    for (const result of results) {
      expect(JSON.parse(JSON.stringify(result))).toEqual(result)
      expect(JSON.stringify(result)).not.toContain('descriptor')
    }
  })
})

describe('add-image', () => {
  it('enrolls the picture behind a link', async () => {
    const url = 'https://example.org/bob.jpg'
    links.set(url, { outcome: 'fetched', bytes: aPicture({ identities: ['bob'] }) })
    const payload = anEnrollment({ picture: { from: { kind: 'link', url }, resize: null } })
    expect(await run('add-image', payload)).toMatchObject({
      outcome: 'added',
      image: { id: payload.imageId },
    })
    expect(await gallery.pictures.get(payload.imageId)).toEqual(aPicture({ identities: ['bob'] }))
  })

  it('stores and describes the picture that was shrunk', async () => {
    const resize = { width: 200, height: null, quality: 90 }
    const payload = anEnrollment({ picture: { from: { kind: 'ref', ref: KNOWN_REF }, resize } })
    const described: Uint8Array[] = []
    const engine = createFakeFaceEngine()
    const findFaces: typeof engine.findFaces = (picture, ...rest) => {
      described.push(picture)
      return engine.findFaces(picture, ...rest)
    }
    await run('add-image', payload, { deps: { packs: onlyEngine({ ...engine, findFaces }) } })
    const small = aPicture({ identities: ['ada'], side: 200 })
    expect(await gallery.pictures.get(payload.imageId)).toEqual(small)
    expect(described).toEqual([small])
    expect((await shownImages())[0]?.bytes).toBe(small.byteLength)
  })

  it.each([
    ['no-face', aPicture({ identities: [] }), null],
    ['undecodable', new Uint8Array([1, 2]), null],
    ['undecodable', new Uint8Array([1, 2]), { width: 10, height: 10, quality: 90 }],
    ['too-many-pixels', aPicture({ side: 100_000 }), null],
  ])('answers %s and stores nothing', async (outcome, bytes, resize) => {
    inFlight.set(KNOWN_REF, bytes)
    const payload = anEnrollment({ picture: { from: { kind: 'ref', ref: KNOWN_REF }, resize } })
    expect(await run('add-image', payload)).toMatchObject({ outcome })
    expect(await gallery.records.images.find(payload.imageId)).toBeNull()
  })

  it('does not trouble the engine for a person who is not there', async () => {
    const engine = { ...createFakeFaceEngine(), findFaces: () => Promise.reject(jobFailed('engine', null)) }
    const payload = anEnrollment({ personId: gallery.newId<PersonId>() })
    expect(await run('add-image', payload, { deps: { packs: onlyEngine(engine) } })).toEqual({
      outcome: 'person-not-found',
    })
  })

  it('makes one image of a job that runs twice', async () => {
    const payload = anEnrollment()
    const first = await run('add-image', payload)
    expect(await run('add-image', payload)).toEqual(first)
    expect(await shownImages()).toHaveLength(1)
  })

  it('finishes, when it runs again, what a run that died had begun', async () => {
    const payload = anEnrollment()
    const died = run('add-image', payload, {
      deps: { gallery: crashAt(gallery, { n: 4, when: 'after' }) },
    })
    await expect(died).rejects.toBeInstanceOf(ProcessDied)
    expect(await run('add-image', payload)).toMatchObject({ outcome: 'added' })
    await expectSettled(gallery)
  })
})

describe('a caller who leaves', () => {
  const reason = new Error('the caller left')

  it.each(['search', 'add-image'] as const)('stops %s as long as nothing is written', async (name) => {
    const payload = name === 'search' ? aSearch() : anEnrollment()
    const work = { lane: 'enroll', signal: AbortSignal.abort(reason) } as const
    await expect(run(name, payload, { work })).rejects.toBe(reason)
    await expectSettled(gallery)
    expect(await shownImages()).toEqual([])
  })

  it('stops an enrollment during inference, with nothing written', async () => {
    const leaving = new AbortController()
    const engine = createFakeFaceEngine()
    const findFaces: typeof engine.findFaces = (picture, request, work) => {
      leaving.abort(reason)
      return engine.findFaces(picture, request, work)
    }
    const payload = anEnrollment()
    const work = { lane: 'enroll', signal: leaving.signal } as const
    await expect(
      run('add-image', payload, { deps: { packs: onlyEngine({ ...engine, findFaces }) }, work }),
    ).rejects.toBe(reason)
    expect(await gallery.records.images.find(payload.imageId)).toBeNull()
  })

  it('does not stop an enrollment half way through its writes', async () => {
    const leaving = new AbortController()
    const left = withRecords(gallery, 'images', {
      insert: (...args) => {
        leaving.abort(reason)
        return gallery.records.images.insert(...args)
      },
    })
    const work = { lane: 'enroll', signal: leaving.signal } as const
    const added = await run('add-image', anEnrollment(), { deps: { gallery: left }, work })
    expect(added).toMatchObject({ outcome: 'added' })
    await expectSettled(gallery)
  })

  it('does not stop a newcomer half way', async () => {
    const leaving = new AbortController()
    const put: typeof gallery.pictures.put = (...args) => {
      leaving.abort(reason)
      return gallery.pictures.put(...args)
    }
    const ids = { personId: gallery.newId<PersonId>(), imageId: gallery.newId<ImageId>() }
    const payload = aSearch({ createPerson: { ...ids, name: 'N', metadata: '{}', ttlSeconds: null } })
    const pictures = { ...gallery.pictures, put }
    const work = { lane: 'search', signal: leaving.signal } as const
    const made = await run('search', payload, { deps: { gallery: { ...gallery, pictures } }, work })
    expect(made).toMatchObject({ outcome: 'created', person: { id: ids.personId } })
    await reconcileUntilSettled(gallery, false)
    await expectSettled(gallery)
  })
})
