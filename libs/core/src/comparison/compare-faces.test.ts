import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aDescriptor } from '../testing/index.ts'
import { compareFaces, countPairs, type FaceToCompare } from './compare-faces.ts'

function aFace(picture: number, face: number, given: Partial<FaceToCompare> = {}): FaceToCompare {
  const descriptor = aDescriptor(100 * picture + face)
  return { picture, face, descriptor, quality: null, isComparedWithin: false, ...given }
}

const withPoint = (point: number) => ({ richCheap: point, cheapCheap: point, richRich: point })

const pairsOf = (faces: readonly FaceToCompare[]) =>
  compareFaces(faces, withPoint(0.6)).map(({ first, second }) => [
    [first.picture, first.face],
    [second.picture, second.face],
  ])

/** Up to five pictures of up to four faces, some compared within. */
const someFaces = fc
  .array(fc.record({ faces: fc.nat(4), isComparedWithin: fc.boolean() }), { maxLength: 5 })
  .map((pictures) =>
    pictures.flatMap(({ faces, isComparedWithin }, picture) =>
      Array.from({ length: faces }, (_, face) => aFace(picture, face, { isComparedWithin })),
    ),
  )

describe('comparing faces', () => {
  it('pairs each face of a picture with each of the later pictures, not with its own', () => {
    expect(pairsOf([aFace(0, 0), aFace(0, 1), aFace(1, 0), aFace(2, 0)])).toEqual([
      [
        [0, 0],
        [1, 0],
      ],
      [
        [0, 0],
        [2, 0],
      ],
      [
        [0, 1],
        [1, 0],
      ],
      [
        [0, 1],
        [2, 0],
      ],
      [
        [1, 0],
        [2, 0],
      ],
    ])
  })

  it('pairs the faces of one picture where that is wanted', () => {
    const within = { isComparedWithin: true }
    expect(pairsOf([aFace(3, 0, within), aFace(3, 1, within)])).toEqual([
      [
        [3, 0],
        [3, 1],
      ],
    ])
  })

  it('finds a face the same as itself', () => {
    const [same] = compareFaces([aFace(0, 0), { ...aFace(0, 0), picture: 1 }], withPoint(0.6))
    expect(same).toMatchObject({ cosine: 1, distance: 0, similarity: 1 })
  })

  it('puts the operating point at distance 1 and similarity 0.75', () => {
    const faces = [aFace(0, 0), aFace(1, 0)]
    const [{ cosine } = { cosine: Number.NaN }] = compareFaces(faces, withPoint(0.6))
    expect(compareFaces(faces, withPoint(cosine))[0]).toMatchObject({ distance: 1, similarity: 0.75 })
  })

  it('counts its pairs beforehand, and makes none twice', () => {
    fc.assert(
      fc.property(someFaces, (faces) => {
        const pairs = pairsOf(faces)
        expect(pairs).toHaveLength(countPairs(faces))
        expect(new Set(pairs.map((pair) => JSON.stringify(pair.toSorted()))).size).toBe(pairs.length)
      }),
    )
  })

  it('asks for more likeness where both faces are bad', () => {
    const qualityShift = [
      { quality: 50, shift: 0.1 },
      { quality: 90, shift: 0 },
    ] as const
    const distanceOf = (...qualities: (number | null)[]) => {
      const faces = qualities.map((quality, picture) => aFace(picture, 0, { quality }))
      return compareFaces(faces, { ...withPoint(0.6), qualityShift })[0]!.distance
    }
    expect(distanceOf(10, 40)).toBeGreaterThan(distanceOf(10, 95))
    expect(distanceOf(10, 95)).toBe(distanceOf(95, 95))
    expect(distanceOf(10, null)).toBe(distanceOf(95, 95))
  })
})
