import { beforeEach, describe, expect, it } from 'vitest'
import type { IdentifyQuery } from '../identification/identify.ts'
import type { FaceEngine } from '../ports/face-engine.ts'
import {
  aPicture,
  createFakeFaceEngine,
  enroll,
  type FakeScene,
  makePerson,
  openTestGallery,
  type TestGallery,
} from '../testing/index.ts'
import { type CompareRequest, comparePictures, type PictureToCompare } from './compare-pictures.ts'

let gallery: TestGallery
beforeEach(() => {
  gallery = openTestGallery()
})

const EVERYBODY: IdentifyQuery = { groupIds: [], field: null, threshold: 1, limit: 10 }

type Shown = Partial<FakeScene> & Partial<PictureToCompare>

function compare(
  shown: readonly Shown[],
  request: Partial<CompareRequest> = {},
  engine = createFakeFaceEngine(),
) {
  const pictures = shown.map((scene, position): PictureToCompare => {
    const { bytes = aPicture(scene), faces = 'central', isComparedWithin = false } = scene
    return { position: scene.position ?? position, bytes, faces, isComparedWithin }
  })
  const deps = { gallery, engine, observe: () => {} }
  return comparePictures(
    deps,
    { pictures, request: { crop: null, search: null, ...request } },
    { lane: 'search' },
  )
}

async function compared(...call: Parameters<typeof compare>) {
  const outcome = await compare(...call)
  if (outcome.outcome !== 'compared') throw new Error(outcome.outcome)
  return outcome
}

describe('comparing pictures', () => {
  it('finds two pictures of one person within the operating point, and of two persons beyond it', async () => {
    const { comparisons } = await compared([
      { identities: ['ada'] },
      { identities: ['ada'], variation: 1 },
      { identities: ['bob'] },
    ])
    expect(comparisons.map(({ distance }) => distance < 1)).toEqual([true, false, false])
  })

  it('takes the central face alone unless all are wanted', async () => {
    const crowd = { identities: ['ada', 'bob', 'eve'] }
    expect((await compared([crowd, crowd])).comparisons).toHaveLength(1)
    expect((await compared([{ ...crowd, faces: 'all' }, crowd])).comparisons).toHaveLength(3)
  })

  it('compares the faces of one picture with one another where that is wanted', async () => {
    const picture = { identities: ['ada', 'ada', 'bob'], faces: 'all', isComparedWithin: true } as const
    const { comparisons } = await compared([picture])
    expect(comparisons.map(({ distance }) => distance === 0)).toEqual([true, false, false])
  })

  it('tells of each picture by the position that it was given, whatever is wrong with another', async () => {
    const { pictures, comparisons } = await compared([
      { position: 4 },
      { position: 5, identities: [] },
      { position: 6, bytes: new Uint8Array([1]) },
      { position: 7 },
    ])
    expect(pictures.map(({ position, outcome }) => [position, outcome])).toEqual([
      [4, 'faces'],
      [5, 'no-face'],
      [6, 'undecodable'],
      [7, 'faces'],
    ])
    expect(comparisons).toMatchObject([{ first: { picture: 4 }, second: { picture: 7 } }])
  })

  it('looks for each face in the gallery if asked, describing each once', async () => {
    const { id } = await makePerson(gallery, { name: 'Ada' })
    await enroll(gallery, id, { identity: 'ada' })
    let described = 0
    const engine: FaceEngine = {
      ...createFakeFaceEngine(),
      findFaces: (...call) => {
        described++
        return createFakeFaceEngine().findFaces(...call)
      },
    }
    const shown = [{ variation: 1 }, { identities: ['bob'] }]
    const { pictures } = await compared(shown, { search: EVERYBODY }, engine)
    const persons = pictures.map((picture) =>
      picture.outcome === 'faces' ? picture.faces[0]?.persons?.map(({ person }) => person.id) : null,
    )
    expect(persons).toEqual([[id], []])
    expect(described).toBe(2)
  })

  it('searches nobody unless asked', async () => {
    const [picture] = (await compared([{}, {}])).pictures
    expect(picture).toMatchObject({ outcome: 'faces', faces: [{ persons: null }] })
  })

  it('refuses more pairs than an answer can hold', async () => {
    const crowd = { identities: Array.from({ length: 142 }, (_, i) => `face ${i}`), faces: 'all' } as const
    expect(await compare([{ ...crowd, isComparedWithin: true }])).toEqual({
      outcome: 'too-many-pairs',
      pairs: 10_011,
      maxPairs: 10_000,
    })
  })
})
