import { aPicture, newTestId } from '@semblance/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'
import { contentOf, enroll as enrollIn, namesFound } from '../testing/search-acts.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
})
afterEach(() => api.close())

const base64 = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64')
const enroll = (identity: string, fields?: object) => enrollIn(api, identity, fields)
const search = (body: object, query = '') => api.ask('POST', `/api/search${query}`, { body })

describe('a search', () => {
  it('answers 200 and code 0 with the person, the image and the face', async () => {
    const { person, image } = await enroll('ada', { externalId: 'x-1', metadata: { a: 1 } })
    await enroll('bob')
    const { status, json } = await search({ image: { content: contentOf('ada') } })
    expect([status, json.code, json.persons.length]).toEqual([200, 0, 1])
    const [found] = json.persons
    // What enrollment told of the face besides is no part of a stored image.
    const { detection: _, faceCount: __, ...stored } = image
    expect(found).toMatchObject({ ...person, images: [{ ...stored, updatedAt: image.createdAt }] })
    const [hit] = found.images
    expect(hit.path).not.toBe('')
    expect(hit.cosine).toBeGreaterThan(0.9)
    expect(hit.similarity).toBeCloseTo(1 - hit.distance / 4, 5)
    expect(hit).not.toHaveProperty('content')
    expect(found.detection).toEqual({
      landmarks: [
        [0, 0],
        [0, 0],
        [0, 0],
        [0, 0],
        [0, 0],
      ],
      roi: [0, 0, 80, 80],
      roiInPicture: [0, 0, 80, 80],
      rotationAngle: 0,
    })
    expect(api.pictures.held.size).toBe(0)
  })

  it('answers empty lists, never null, when nobody is found', async () => {
    expect((await search({ image: { content: contentOf('ada') }, groupIds: [] })).json).toEqual({
      code: 0,
      persons: [],
    })
  })

  it('answers code 2 without a face and code 6 for no picture, and says why', async () => {
    expect(await search({ image: { content: contentOf() } })).toMatchObject({
      status: 200,
      json: { code: 2, persons: [], msg: 'image shows no face' },
    })
    expect(await search({ image: { content: base64('x') } })).toMatchObject({
      status: 200,
      json: { code: 6, persons: [], msg: expect.stringMatching(/JPEG.*HEIC only with a decoder/) },
    })
  })

  it('adds the pictures with withImages', async () => {
    await enroll('ada')
    for (const flag of ['true', 'True', '1']) {
      const { json } = await search({ image: { content: contentOf('ada') } }, `?withImages=${flag}`)
      expect(json.persons[0].images[0].content).toBe(contentOf('ada'))
    }
    const { json } = await search({ image: { content: contentOf('ada') } }, '?withImages=false')
    expect(json.persons[0].images[0]).not.toHaveProperty('content')
  })

  it('leaves out the content of a picture that is damaged, and finds its person all the same', async () => {
    await enroll('ada')
    const [id] = await api.gallery.pictures.list({ after: null, limit: 1, untouchedMs: 0 })
    await api.gallery.pictures.put(id!, new Uint8Array([1]))
    const { status, json } = await search({ image: { content: contentOf('ada') } }, '?withImages=true')
    expect([status, json.persons.length]).toEqual([200, 1])
    expect(json.persons[0].images[0]).not.toHaveProperty('content')
  })

  it('adds the crop if asked, and names what it ignores', async () => {
    await enroll('ada')
    const outputImageParams = {
      crop: { type: 0, size: [300, 400], padColor: [1, 2, 3], returnOriginalRect: true },
      backgroundColor: [4, 5, 6],
    }
    const { json, headers } = await search({ image: { content: contentOf('ada') }, outputImageParams })
    expect(json.persons[0].detection.crop).toBe(base64('crop of ada'))
    expect(headers.get('x-semblance-ignored')?.split(', ')).toEqual([
      'outputImageParams.crop.returnOriginalRect',
      'outputImageParams.backgroundColor',
    ])
  })

  it('narrows by group, by name and by externalId', async () => {
    const { json: group } = await api.ask('POST', '/api/groups', { body: { name: 'Staff', metadata: {} } })
    await enroll('ada', { name: 'In', groups: [group.id] })
    await enroll('ada', { name: 'Out', externalId: 'x-1' })
    const names = async (more: object) =>
      namesFound(await search({ image: { content: contentOf('ada') }, ...more })).toSorted()
    expect(await names({})).toEqual(['In', 'Out'])
    expect(await names({ groupIds: [group.id] })).toEqual(['In'])
    expect(await names({ groupIds: [newTestId()] })).toEqual([])
    expect(await names({ filter: { op: 'in', field: 'name', value: ['In'] } })).toEqual(['In'])
    expect(await names({ filter: { op: 'nin', field: 'name', value: ['In'] } })).toEqual(['Out'])
    expect(await names({ filter: { op: 'in', field: 'externalId', value: ['x-1'] } })).toEqual(['Out'])
    expect(
      await names({ groupIds: [group.id], filter: { op: 'in', field: 'name', value: ['Out'] } }),
    ).toEqual([])
    expect(await names({ filter: { op: 'in', field: 'externalId', value: [] } })).toEqual([])
  })

  it('finds every face with detectAll, nearest first, and says which face it was', async () => {
    await enroll('ada')
    await enroll('bob')
    const image = { content: contentOf('eve', 'ada', 'bob', 'ada') }
    expect(namesFound(await search({ image }))).toEqual([])
    const { json } = await search({ image, detectAll: true })
    const faces = json.persons.map((person: { name: string; detection: { roi: number[] } }) => [
      person.name,
      person.detection.roi[0],
    ])
    expect(faces.toSorted()).toEqual([
      ['ada', 100],
      ['ada', 300],
      ['bob', 200],
    ])
    const distances = json.persons.map(
      (person: { images: { distance: number }[] }) => person.images[0]?.distance,
    )
    expect(distances).toEqual(distances.toSorted((a: number, b: number) => a - b))
  })

  it('counts persons, not faces, against the limit', async () => {
    await enroll('ada')
    await enroll('bob')
    const { json } = await search({
      image: { content: contentOf('ada', 'ada', 'bob') },
      detectAll: true,
      limit: 1,
    })
    expect(new Set(json.persons.map((person: { id: string }) => person.id)).size).toBe(1)
  })

  it('prefers content to a link, and refuses a bad link with the one type of the contract', async () => {
    await enroll('ada')
    const imageUrl = 'http://10.0.0.1/secret'
    expect(namesFound(await search({ image: { content: contentOf('ada'), imageUrl } }))).toEqual(['ada'])
    const { status, json } = await search({ image: { imageUrl } })
    expect([status, json.type, json.metadata.reason]).toEqual([
      400,
      'BadParamsException',
      'address-not-allowed',
    ])
    const tooLarge = await search({ image: { content: base64(aPicture({ side: 20_000 })) } })
    expect([tooLarge.status, tooLarge.json.type]).toEqual([400, 'BadParamsException'])
  })

  it.each([
    [{}, 'image'],
    [{ image: null }, 'image'],
    [{ image: {} }, 'image'],
    [{ image: { content: 'a b!c' } }, 'image.content'],
    [{ threshold: -0.1 }, 'threshold'],
    [{ threshold: 2.1 }, 'threshold'],
    [{ threshold: '1' }, 'threshold'],
    [{ limit: 0 }, 'limit'],
    [{ limit: 1.5 }, 'limit'],
    [{ groupIds: ['x'] }, 'groupIds.0'],
    [{ groupIds: {} }, 'groupIds'],
    [{ detectAll: 'yes' }, 'detectAll'],
    [{ filter: { op: 'like', field: 'name', value: [] } }, 'filter.op'],
    [{ filter: { op: 'in', field: 'constructor', value: [] } }, 'filter.field'],
    [{ filter: { op: 'in', field: 'name' } }, 'filter.value'],
    [{ filter: { op: 'in', field: 'name', value: [1] } }, 'filter.value.0'],
    [{ outputImageParams: { crop: { type: 5 } } }, 'outputImageParams.crop.type'],
    [{ outputImageParams: { crop: { size: [0, 1] } } }, 'outputImageParams.crop.size.0'],
    [{ outputImageParams: { crop: { padColor: [256, 0, 0] } } }, 'outputImageParams.crop.padColor.0'],
    [{ createPerson: {} }, 'createPerson.name'],
    [{ createPerson: { name: 'Ada', ttl: 1.5 } }, 'createPerson.ttl'],
    [{ createPerson: { name: 'Ada', metadata: 1 } }, 'createPerson.metadata'],
  ])('refuses %j and names %s', async (fields, field) => {
    const image =
      'image' in fields || Object.keys(fields).length === 0 ? {} : { image: { content: contentOf('ada') } }
    const { status, json } = await search({ ...image, ...fields })
    expect([status, json.type]).toEqual([400, 'BadParamsException'])
    expect(json.metadata.problems.map((problem: { field: string }) => problem.field)).toContain(field)
    expect(api.pictures.puts).toBe(0)
  })

  it('reads null for an optional field as left out', async () => {
    const nulls = {
      groupIds: null,
      threshold: null,
      limit: null,
      detectAll: null,
      filter: null,
      createPerson: null,
      outputImageParams: null,
      tag: null,
    }
    expect(
      (await search({ image: { content: contentOf('ada'), imageUrl: null, resizeOptions: null }, ...nulls }))
        .status,
    ).toBe(200)
  })

  it('clips a larger limit and refuses a query that is no flag', async () => {
    expect((await search({ image: { content: contentOf('ada') }, limit: 1_000_000 })).status).toBe(200)
    for (const flag of ['maybe', 'constructor', 'toString'])
      expect((await search({ image: { content: contentOf('ada') } }, `?withImages=${flag}`)).status).toBe(400)
  })
})

describe('createPerson', () => {
  it('makes the person with 201, the fields at top level, and finds it next time', async () => {
    const body = {
      image: { content: contentOf('ada') },
      createPerson: { name: 'Ada', metadata: { __proto__x: 1 }, ttl: 60 },
    }
    const made = await search(body)
    expect(made.status).toBe(201)
    expect(made.json).toMatchObject({
      name: 'Ada',
      metadata: { __proto__x: 1 },
      images: [{ contentType: 'image/jpeg' }],
    })
    expect(made.json).not.toHaveProperty('code')
    expect(made.json).not.toHaveProperty('persons')
    expect(made.json.detection.landmarks).toHaveLength(5)
    expect(made.json.images[0].path).toContain(made.json.id)
    const found = await search(body)
    expect([found.status, found.json.persons[0].id]).toEqual([200, made.json.id])
  })

  it('puts the person into the groups of the request', async () => {
    const { json: group } = await api.ask('POST', '/api/groups', { body: { name: 'Staff', metadata: {} } })
    const createPerson = { name: 'Ada' }
    const made = await search({ image: { content: contentOf('ada') }, groupIds: [group.id], createPerson })
    expect([made.status, made.json.groups]).toEqual([201, [group.id]])
    const unknown = await search({
      image: { content: contentOf('eve') },
      groupIds: [newTestId()],
      createPerson,
    })
    expect([unknown.status, unknown.json.type]).toEqual([400, 'BadParamsException'])
  })

  it('makes nobody of a face that is not as good as asked for: code 231, with the limits', async () => {
    const quality = [{ name: 'BlurLevel', range: [0, 0.1] }]
    const createPerson = { name: 'Ada', quality }
    const { status, json } = await search({ image: { content: contentOf('ada') }, createPerson })
    expect([status, json.code, json.persons]).toEqual([200, 231, []])
    expect(json.lowQuality).toEqual([{ characteristic: 'BlurLevel', value: 0.2, range: [0, 0.1] }])
    expect(json.msg).toContain('nobody was found, and nobody was made')
    expect(api.searches).toEqual([{ outcome: 'nobody', distance: null }])
    const good = { name: 'Ada', quality: [{ name: 'BlurLevel', range: [0, 0.3] }] }
    expect((await search({ image: { content: contentOf('ada') }, createPerson: good })).status).toBe(201)
    const found = await search({ image: { content: contentOf('ada') }, createPerson })
    expect([found.json.code, found.json.persons.length]).toEqual([0, 1])
  })

  it('makes nobody without a face or with several', async () => {
    const createPerson = { name: 'Ada' }
    expect((await search({ image: { content: contentOf() }, createPerson })).json.code).toBe(2)
    const crowd = await search({ image: { content: contentOf('ada', 'bob') }, detectAll: true, createPerson })
    expect([crowd.status, crowd.json.persons]).toEqual([200, []])
  })

  it('makes one person of many identical requests at once', async () => {
    const body = { image: { content: contentOf('ada') }, createPerson: { name: 'Ada', metadata: {} } }
    const answers = await Promise.all(Array.from({ length: 8 }, () => search(body)))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 200, 200, 200, 200, 201])
  })
})

describe('a search by somebody in the gallery', () => {
  const enrollAgain = (personId: string, identity: string, variation: number) => {
    const picture = base64(aPicture({ identities: [identity], variation }))
    return api.ask('POST', `/api/persons/${personId}/images`, { body: { image: { content: picture } } })
  }

  it('finds who else looks like a person, by the nearest of all pairs, and never that person', async () => {
    const { person: one } = await enroll('ada')
    await enrollAgain(one.id, 'bob', 0)
    const { person: twin } = await enroll('ada', { name: 'twin' })
    const { person: bob } = await enroll('bob')
    await enroll('eve')
    const { status, json } = await search({ personId: one.id })
    expect(status).toBe(200)
    expect(json.code).toBe(0)
    expect(json.persons.map(({ id }: { id: string }) => id).toSorted()).toEqual([twin.id, bob.id].toSorted())
    expect(json.persons[0].images[0]).toMatchObject({ cosine: 1, distance: 0, similarity: 1 })
    expect(json.persons[0]).not.toHaveProperty('detection')
    expect(namesFound(await search({ personId: one.id, limit: 1 }))).toHaveLength(1)
    const all = await search({ personId: one.id, includeSelf: true })
    expect(all.json.persons.map(({ id }: { id: string }) => id)).toContain(one.id)
    expect(api.pictures.puts).toBe(5)
  })

  it('finds who looks like one image, within groups and filters', async () => {
    const { json: group } = await api.ask('POST', '/api/groups', { body: { name: 'Staff', metadata: {} } })
    const { image } = await enroll('ada')
    const { person: inside } = await enroll('ada', { name: 'Inside', groups: [group.id] })
    await enroll('ada', { name: 'Outside' })
    expect((await search({ imageId: image.id, groupIds: [group.id] })).json.persons[0].id).toBe(inside.id)
    const filter = { op: 'in', field: 'name', value: ['Outside'] }
    expect(namesFound(await search({ imageId: image.id, filter }))).toEqual(['Outside'])
  })
})

describe('a search by somebody enrolled', () => {
  it('finds who else looks like the person, nearest first, and not the person itself', async () => {
    const { person } = await enroll('ada')
    const { person: twin } = await enroll('ada', { name: 'twin' })
    await enroll('bob')
    const { status, json } = await search({ personId: person.id })
    expect([status, json.code]).toEqual([200, 0])
    expect(json.persons.map(({ id }: { id: string }) => id)).toEqual([twin.id])
    expect(json.persons[0]).not.toHaveProperty('detection')
    expect(json.persons[0].images[0]).toMatchObject({ cosine: 1, distance: 0 })
  })

  it('takes an image as well, names the person itself when asked, and holds to groups, threshold and limit', async () => {
    const { json: group } = await api.ask('POST', '/api/groups', { body: { name: 'Staff', metadata: {} } })
    const { person, image } = await enroll('ada')
    await enroll('ada', { name: 'twin', groups: [group.id] })
    const found = await search({ imageId: image.id, includeSelf: true })
    expect(namesFound(found).toSorted()).toEqual(['ada', 'twin'])
    expect(namesFound(await search({ imageId: image.id, includeSelf: true, groupIds: [group.id] }))).toEqual([
      'twin',
    ])
    expect(namesFound(await search({ personId: person.id, includeSelf: true, limit: 1 }))).toHaveLength(1)
    expect(namesFound(await search({ personId: person.id, threshold: 2 }))).toEqual(['twin'])
  })

  it('finds nobody for a person without images', async () => {
    const { json: person } = await api.ask('POST', '/api/persons', { body: { name: 'bare' } })
    expect(await search({ personId: person.id })).toMatchObject({
      status: 200,
      json: { code: 0, persons: [] },
    })
  })

  it('answers 404 for whoever is not, or no longer, there', async () => {
    const { person, image } = await enroll('ada')
    await api.ask('DELETE', `/api/persons/${person.id}`)
    for (const [body, type] of [
      [{ personId: person.id }, 'PersonNotFound'],
      [{ imageId: image.id }, 'ImageNotFound'],
      [{ imageId: newTestId() }, 'ImageNotFound'],
    ] as const) {
      expect(await search(body)).toMatchObject({ status: 404, json: { type } })
    }
  })

  it('wants exactly one of image, personId and imageId', async () => {
    const image = { content: contentOf('ada') }
    const ids = { personId: newTestId(), imageId: newTestId() }
    const createPerson = { name: 'ada' }
    for (const body of [
      {},
      { image, personId: ids.personId },
      ids,
      { personId: ids.personId, createPerson },
    ]) {
      expect(await search(body)).toMatchObject({ status: 400 })
    }
  })
})
