import { beforeEach, describe, expect, it } from 'vitest'
import { cosineBetween } from '../descriptor.ts'
import type { GroupId, ImageId, PersonId } from '../ids.ts'
import { deletePerson } from '../persons/delete-person.ts'
import type { Stage } from '../ports/observer.ts'
import {
  aPicture,
  createFakeFaceEngine,
  enroll,
  type FakeScene,
  fakeDescriptor,
  makeGroup,
  makePerson,
  openTestGallery,
  recordSteps,
  shownPersons,
  type TestGallery,
} from '../testing/index.ts'
import { type Newcomer, type SearchRequest, searchPicture } from './search-picture.ts'

let gallery: TestGallery
let stages: Stage[]
beforeEach(() => {
  gallery = openTestGallery()
  stages = []
})

const engine = createFakeFaceEngine()

function search(scene: Partial<FakeScene>, given: Partial<SearchRequest> = {}, signal?: AbortSignal) {
  const request: SearchRequest = {
    groupIds: [],
    field: null,
    threshold: 1,
    limit: 10,
    detectAll: false,
    crop: null,
    createPerson: null,
    ...given,
  }
  const deps = { gallery, engine, observe: (stage: Stage) => void stages.push(stage) }
  return searchPicture(deps, { picture: aPicture(scene), request }, { lane: 'search', signal })
}

function aNewcomer(given: Partial<Newcomer> = {}): Newcomer {
  const ids = { personId: gallery.newId<PersonId>(), imageId: gallery.newId<ImageId>() }
  return { ...ids, name: 'Newcomer', metadata: '{"from":"search"}', ttlSeconds: null, ...given }
}

async function know(identity: string): Promise<PersonId> {
  const { id } = await makePerson(gallery, { name: identity })
  await enroll(gallery, id, { identity })
  return id
}

async function whoIsIn(scene: Partial<FakeScene>, given: Partial<SearchRequest> = {}) {
  const found = await search(scene, given)
  if (found.outcome !== 'searched') throw new Error(found.outcome)
  return found.faces.map(({ persons }) => persons.map(({ person }) => person.id))
}

describe('searchPicture', () => {
  it('finds a person in another picture of them, and a stranger nowhere', async () => {
    const ada = await know('ada')
    expect(await whoIsIn({ identities: ['ada'], variation: 7 })).toEqual([[ada]])
    expect(await whoIsIn({ identities: ['bob'] })).toEqual([[]])
    expect(stages).toEqual(['index', 'index'])
  })

  it('looks at the most central face only, unless all are asked for', async () => {
    const [ada, bob] = [await know('ada'), await know('bob')]
    const identities = ['bob', 'nobody', 'ada']
    expect(await whoIsIn({ identities })).toEqual([[bob]])
    expect(await whoIsIn({ identities }, { detectAll: true })).toEqual([[bob], [], [ada]])
  })

  it('applies groups, limit and threshold to each face', async () => {
    const group = await makeGroup(gallery)
    const { id } = await makePerson(gallery, { groups: [group] })
    await enroll(gallery, id, { identity: 'ada', variation: 1 })
    await know('ada')
    expect(await whoIsIn({ identities: ['ada'] }, { groupIds: [group] })).toEqual([[id]])
    expect((await whoIsIn({ identities: ['ada'] }, { limit: 1 }))[0]).toHaveLength(1)
    expect(await whoIsIn({ identities: ['ada'], variation: 9 }, { threshold: 0 })).toEqual([[]])
  })

  it('hands on the crops that were asked for', async () => {
    const crop = { ratio: { width: 3, height: 4 }, size: null, padColor: [0, 0, 0] } as const
    const found = await search({ identities: ['ada'] }, { crop })
    expect(found.outcome === 'searched' && found.faces[0]?.face.crop?.byteLength).toBeGreaterThan(0)
  })

  it.each([
    ['no-face', { identities: [] }],
    ['too-many-pixels', { side: 100_000 }],
  ])('answers %s as it is, and makes nobody', async (outcome, scene) => {
    expect(await search(scene, { createPerson: aNewcomer() })).toMatchObject({ outcome })
    expect(await shownPersons(gallery)).toEqual([])
  })

  it('answers what is no picture as undecodable', async () => {
    const deps = { gallery, engine, observe: () => undefined }
    const request = { groupIds: [], field: null, threshold: 1, limit: 1, detectAll: false, crop: null }
    const job = { picture: new Uint8Array([1, 2]), request: { ...request, createPerson: aNewcomer() } }
    expect(await searchPicture(deps, job, { lane: 'search' })).toEqual({ outcome: 'undecodable' })
  })

  it('stops with the reason when its caller leaves', async () => {
    const reason = new Error('the caller left')
    await expect(search({}, {}, AbortSignal.abort(reason))).rejects.toBe(reason)
  })
})

describe('searchPicture with a newcomer', () => {
  it('makes the person of a stranger, from this picture, richly described', async () => {
    const createPerson = aNewcomer()
    const made = await search({ identities: ['ada'], variation: 3 }, { createPerson })
    if (made.outcome !== 'created') throw new Error(made.outcome)
    const { person, image } = made.created
    expect(person).toMatchObject({
      id: createPerson.personId,
      name: 'Newcomer',
      metadata: '{"from":"search"}',
    })
    const stored = await gallery.records.images.find(image.id)
    expect(cosineBetween(stored!.descriptor, fakeDescriptor('ada', 3, 'rich'))).toBe(1)
    expect(await gallery.pictures.get(image.id)).toEqual(aPicture({ identities: ['ada'], variation: 3 }))
    expect(cosineBetween(made.face.descriptor, fakeDescriptor('ada', 3, 'cheap'))).toBe(1)
  })

  it('makes nobody if somebody is found', async () => {
    const ada = await know('ada')
    const found = await whoIsIn({ identities: ['ada'] }, { createPerson: aNewcomer() })
    expect(found).toEqual([[ada]])
    expect(await shownPersons(gallery)).toHaveLength(1)
  })

  it('makes nobody of a picture with several faces when all are looked at', async () => {
    const found = await whoIsIn(
      { identities: ['ada', 'bob'] },
      { createPerson: aNewcomer(), detectAll: true },
    )
    expect(found).toEqual([[], []])
    expect(await shownPersons(gallery)).toEqual([])
  })

  it('makes the person of the only face when all are looked at', async () => {
    const made = await search({ identities: ['ada'] }, { createPerson: aNewcomer(), detectAll: true })
    expect(made.outcome).toBe('created')
  })

  it('answers the same person when the job runs again', async () => {
    const createPerson = aNewcomer()
    const first = await search({ identities: ['ada'] }, { createPerson })
    const again = await search({ identities: ['ada'] }, { createPerson })
    expect(again).toEqual(first)
    expect(again.outcome).toBe('created')
  })

  it('says that nobody was made when the job runs again after a delete', async () => {
    const createPerson = aNewcomer()
    await search({ identities: ['ada'] }, { createPerson })
    await deletePerson(gallery, createPerson.personId)
    expect(await search({ identities: ['ada'] }, { createPerson })).toEqual({ outcome: 'not-created' })
  })

  it('hides the newcomer when its time is over, and makes another then', async () => {
    const first = aNewcomer({ ttlSeconds: 60 })
    await search({ identities: ['ada'] }, { createPerson: first })
    gallery.clock.advance(60_000)
    const second = await search({ identities: ['ada'] }, { createPerson: aNewcomer() })
    expect(second.outcome).toBe('created')
  })

  it('names groups that nobody knows, and makes nobody', async () => {
    const groupIds = [gallery.newId<GroupId>()]
    const outcome = await search({ identities: ['ada'] }, { createPerson: aNewcomer(), groupIds })
    expect(outcome).toEqual({ outcome: 'unknown-groups', groups: groupIds })
  })

  it('takes no lease and writes nothing for a search that finds somebody', async () => {
    await know('ada')
    const recorded = recordSteps(gallery)
    const deps = { gallery: recorded.gallery, engine, observe: () => undefined }
    const request = { groupIds: [], field: null, threshold: 1, limit: 1, detectAll: false, crop: null }
    const job = { picture: aPicture({}), request: { ...request, createPerson: aNewcomer() } }
    await searchPicture(deps, job, { lane: 'search' })
    const reads = ['index.search', 'persons.findMany', 'images.findJudged', 'groups.findMany']
    const calls = recorded.steps.map(({ port, method }) => `${port}.${method}`)
    expect(calls.filter((call) => !reads.includes(call))).toEqual([])
  })
})

describe('a newcomer whose face must comply with a gate', () => {
  const BLURRED = [{ name: 'BlurLevel', range: [0, 0.1] }] as const

  it('is not made if it does not, and the limit is named', async () => {
    const found = await search({}, { createPerson: aNewcomer({ gate: BLURRED }) })
    const broken = [{ characteristic: 'BlurLevel', value: 0.2, range: [0, 0.1] }]
    expect(found).toEqual({ outcome: 'low-quality', broken })
    expect((await gallery.records.countEnrolled()).persons).toBe(0)
  })

  it('is made if it does, with every face looked for, too', async () => {
    for (const detectAll of [false, true]) {
      const createPerson = aNewcomer({ gate: [{ name: 'BlurLevel', range: [0, 0.3] }] })
      const made = await search({ identities: [`ada ${detectAll}`] }, { detectAll, createPerson })
      expect(made.outcome).toBe('created')
    }
  })

  it('does not keep a poor picture from finding who is there', async () => {
    const id = await know('ada')
    expect(await whoIsIn({}, { createPerson: aNewcomer({ gate: BLURRED }) })).toEqual([[id]])
  })

  it('is answered again by a job that runs again, since it passed the gate the first time', async () => {
    const newcomer = aNewcomer()
    expect((await search({}, { createPerson: newcomer })).outcome).toBe('created')
    expect((await search({}, { createPerson: { ...newcomer, gate: BLURRED } })).outcome).toBe('created')
  })
})
