import type { GroupId, PersonId } from '@semblance/core'
import { aPicture, enroll, type FakeScene, makeGroup, makePerson, newTestId } from '@semblance/testkit'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await openTestApi()
})
afterAll(() => api.close())

const base64 = (scene: Partial<FakeScene>) => Buffer.from(aPicture(scene)).toString('base64')
const ada = base64({ identities: ['ada'] })
const adaAgain = base64({ identities: ['ada'], variation: 1 })
const bob = base64({ identities: ['bob'] })
const couple = base64({ identities: ['ada', 'bob'] })
const nobody = base64({ identities: [] })

/** Every answer is compared with the public description on its way. */
async function match(images: readonly object[], more: object = {}) {
  const { status, json, headers } = await api.ask('POST', '/api/match', { body: { images, ...more } })
  expect(status).toBe(200)
  return { ...json, headers }
}

describe('POST /api/match', () => {
  it('tells one person from two', async () => {
    const { code, detections, results } = await match([
      { data: ada },
      { data: adaAgain },
      { data: bob, type: 1 },
    ])
    expect(code).toBe(0)
    expect(detections.map((one: { status: number }) => one.status)).toEqual([0, 0, 0])
    expect(results).toMatchObject([
      { firstIndex: 0, firstFaceIndex: 0, first: 3, secondIndex: 1, secondFaceIndex: 0, second: 3 },
      { firstIndex: 0, secondIndex: 2, second: 1 },
      { firstIndex: 1, secondIndex: 2, second: 1 },
    ])
    const [same, other] = results
    expect(same.similarity).toBeGreaterThan(0.75)
    expect(same.score).toBeLessThan(1)
    expect(other.similarity).toBeLessThan(0.75)
    expect(other.score).toBeGreaterThan(1)
  })

  it('finds a picture the same as itself', async () => {
    const { results } = await match([{ data: ada }, { data: ada }])
    expect(results).toMatchObject([{ score: 0, similarity: 1, cosine: 1 }])
  })

  it('compares every face where a picture asks for all', async () => {
    const { detections, results } = await match([{ data: couple, detectAll: true }, { data: bob }])
    expect(detections[0].faces.map((face: { faceIndex: number }) => face.faceIndex)).toEqual([0, 1])
    expect(results.map((pair: { firstFaceIndex: number }) => pair.firstFaceIndex)).toEqual([0, 1])
  })

  it('takes the only picture if it is of type 4, and compares its faces with one another', async () => {
    const { code, detections, results } = await match([{ data: couple, type: 4 }])
    expect([code, detections.length]).toEqual([0, 1])
    expect(results).toMatchObject([{ first: 4, second: 4, firstFaceIndex: 0, secondFaceIndex: 1 }])
  })

  it('compares the faces of a picture of type 4 with those of others, too', async () => {
    const { results } = await match([{ data: couple, type: 4 }, { data: ada }])
    expect(results).toHaveLength(3)
  })

  it('gives crops and, to old clients, thumbnails if asked', async () => {
    const plain = await match([{ data: ada }, { data: ada }])
    expect(Object.keys(plain.detections[0].faces[0]).toSorted()).toEqual([
      'faceIndex',
      'landmarks',
      'roi',
      'roiInPicture',
      'rotationAngle',
    ])
    const crop = { outputImageParams: { crop: { type: 0, size: [300, 400] } } }
    const [{ faces }] = (await match([{ data: ada }, { data: ada }], crop)).detections
    expect(Buffer.from(faces[0].crop, 'base64').toString()).toBe('crop of ada')
    const old = await match([{ data: ada }, { data: ada }], { thumbnails: true })
    expect(old.detections[0].faces[0].thumbnail).toBe(faces[0].crop)
  })

  it('takes a form with the pictures in order', async () => {
    const form = new FormData()
    for (const scene of [{ identities: ['ada'] }, { identities: ['bob'] }])
      form.append('images', new Blob([aPicture(scene) as Uint8Array<ArrayBuffer>]))
    form.append('images[1].type', '1')
    const answer = await fetch(`${api.url}/api/match`, { method: 'POST', body: form })
    expect(await answer.json()).toMatchObject({ code: 0, results: [{ first: 3, second: 1 }] })
  })

  it('puts every picture away again', async () => {
    await match([{ data: ada }, { data: nobody }])
    expect(api.pictures.held.size).toBe(0)
  })

  it('takes links, and names what has no effect', async () => {
    const { detections, headers } = await match([{ imageUrl: 'http://localhost/x', mode: 1 }, { data: ada }])
    expect(detections[0]).toMatchObject({ status: 1, faces: [] })
    expect(headers.get('x-semblance-ignored')).toBe('images.mode')
  })
})

describe('index numbers', () => {
  const indexes = async (given: readonly (number | undefined)[]) => {
    const types = [1, 1, 2, 2, 3, 3, 4, 4]
    const { code, detections } = await match(given.map((index, i) => ({ data: ada, index, type: types[i] })))
    return code === 203 ? null : detections.map((one: { imageIndex: number }) => one.imageIndex)
  }

  it.each([
    [
      [undefined, undefined],
      [0, 1],
    ],
    [
      [7, 3],
      [7, 3],
    ],
    [
      [undefined, 1, undefined],
      [0, 1, 2],
    ],
    [
      [undefined, 0, undefined],
      [1, 0, 2],
    ],
    [[4, 4], null],
  ])('%j are %j', async (given, numbered) => {
    expect(await indexes(given)).toEqual(numbered)
  })

  it('are whole and unique, those given kept, whatever mixture is sent', async () => {
    const given = fc.array(fc.option(fc.nat(9), { nil: undefined }), { minLength: 2, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(given, async (sent) => {
        const kept = sent.filter((index) => index !== undefined)
        const numbered = await indexes(sent)
        const isUnique = new Set(kept).size === kept.length
        expect(numbered === null).toBe(!isUnique)
        if (numbered === null) return
        expect(new Set(numbered).size).toBe(sent.length)
        for (const [i, index] of sent.entries()) if (index !== undefined) expect(numbered[i]).toBe(index)
      }),
      { numRuns: 30 },
    )
  })
})

describe('a match that cannot be made is answered with 200 and a code', () => {
  it.each([
    ['one picture', [{ data: ada }], 224],
    ['no picture', [], 224],
    ['three pictures of a type', [{ data: ada }, { data: ada }, { data: ada }], 238],
    ['a face in one picture only', [{ data: ada }, { data: nobody }], 237],
    ['one face in a picture of type 4', [{ data: ada, type: 4 }], 237],
    ['no face at all', [{ data: nobody }, { data: nobody }], 2],
    ['what is no picture', [{ data: 'AAAA' }, { data: nobody }], 6],
    ['pictures left out', [{ data: '' }, {}], 1],
    ['what is not Base64', [{ data: '***' }, { data: ada }], 203],
    ['an unknown type', [{ data: ada, type: 9 }, { data: ada }], 203],
    ['a number that is not whole', [{ data: ada, index: 0.5 }, { data: ada }], 203],
  ])('%s', async (_, images, code) => {
    const answer = await match(images)
    expect([answer.code, answer.results]).toEqual([code, []])
    expect(answer.msg).not.toBe('')
    expect(typeof answer.msg).toBe('string')
  })

  it.each([[{}], [[]], [{ images: 'x' }], [{ images: [null, 5] }]])('a body of %j', async (body) => {
    const { status, json } = await api.ask('POST', '/api/match', { body })
    expect([status, json.code, json.detections, json.results]).toEqual([200, 203, [], []])
  })

  it('tells what is wrong with each picture, and compares the others', async () => {
    const { code, detections, results } = await match([
      { data: ada },
      { data: nobody, type: 1 },
      { data: 'AAAA', type: 1 },
      { type: 2 },
      { data: bob },
    ])
    expect(code).toBe(0)
    expect(detections.map((one: { status: number }) => one.status)).toEqual([0, 2, 6, 1, 0])
    expect(results).toMatchObject([{ firstIndex: 0, secondIndex: 4 }])
  })
})

describe('POST /api/match_and_search', () => {
  let group: GroupId
  let person: PersonId
  beforeAll(async () => {
    group = await makeGroup(api.gallery)
    person = (await makePerson(api.gallery, { name: 'Ada', groups: [group] })).id
    await enroll(api.gallery, person, { identity: 'ada' })
  })

  const ask = async (images: readonly object[], more: object = {}) => {
    const { status, json } = await api.ask('POST', '/api/match_and_search', { body: { images, ...more } })
    expect(status).toBe(200)
    return json
  }
  const found = (json: { detections: { faces: { persons: { id: string }[] }[] }[] }) =>
    json.detections.map(({ faces }) => faces.map(({ persons }) => persons.map(({ id }) => id)))

  it('compares the pictures and finds who is in each', async () => {
    const json = await ask([{ content: adaAgain, type: 1 }, { content: bob }])
    expect(json.code).toBe(0)
    expect(json.results).toMatchObject([{ firstIndex: 0, first: 1, secondIndex: 1, second: 3 }])
    expect(found(json)).toEqual([[[person]], [[]]])
    const [image] = json.detections[0].faces[0].persons[0].images
    expect(image).toMatchObject({ distance: expect.any(Number), similarity: expect.any(Number) })
    expect(json.elapsedTime).toBeGreaterThan(0)
  })

  it('only searches if there is a single face in all pictures', async () => {
    const json = await ask([{ content: adaAgain }, { content: nobody }])
    expect([json.code, json.results]).toEqual([0, []])
    expect(found(json)).toEqual([[[person]], []])
  })

  it('looks where it is told to', async () => {
    const images = [{ content: adaAgain }, { content: adaAgain }]
    expect(found(await ask(images, { groupIds: [group] }))[0]).toEqual([[person]])
    expect(found(await ask(images, { groupIds: [newTestId()] }))[0]).toEqual([[]])
    expect(found(await ask(images, { threshold: 0 }))[0]).toEqual([[]])
  })

  it('searches by a target, and refuses it together with a threshold', async () => {
    const images = [{ content: adaAgain }, { content: bob }]
    const json = await ask(images, { targetFpir: 0.00001 })
    expect(json).toMatchObject({ threshold: 1, expectedFalseMatches: 0.00001 })
    expect(found(json)).toEqual([[[person]], [[]]])
    expect(await ask(images, { targetFpir: 0.01, threshold: 1 })).toMatchObject({
      code: 203,
      msg: expect.stringContaining('targetFpir'),
    })
  })

  it.each([
    ['one picture', { images: [{ content: ada }] }, 224],
    ['no face', { images: [{ content: nobody }, { content: nobody }] }, 2],
    ['a threshold out of range', { images: [], threshold: 3 }, 203],
    ['a bad group id', { images: [], groupIds: ['x'] }, 203],
  ])('answers %s with its code', async (_, { images, ...more }, code) => {
    expect((await ask(images, more)).code).toBe(code)
  })
})
