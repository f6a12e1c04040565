import { describe, expect, it } from 'vitest'
import { sharedPixels } from '../../geometry/pixels.ts'
import { manifestOf } from '../../testing/tarball-networks.ts'
import { findLandmarks } from './find-landmarks.ts'

const { landmarks } = manifestOf('builtin@2')
if (landmarks === null) throw new Error('the pack has no landmarks')
const SETTINGS = landmarks
const PICTURE = sharedPixels(400, 400)
const PLACE = { box: { x: 100, y: 100, width: 200, height: 200 }, quarters: 0, tilt: 0 } as const

/** The eyes at 0.3 and 0.7, the nose in the middle, the mouth below; all other points are the nose. Fractions of a crop. */
function aFace({ nose = 0.5, eyes = 0.3 } = {}): Float32Array {
  const [left, right, , ...mouth] = SETTINGS.fivePoints
  const points = Array.from({ length: 68 }, () => [nose, 0.5])
  for (const index of left ?? []) points[index] = [0.3, eyes]
  for (const index of right ?? []) points[index] = [0.7, eyes]
  for (const [index] of mouth.entries()) points[mouth[index]?.[0] ?? 0] = [index === 0 ? 0.35 : 0.65, 0.8]
  return Float32Array.from(points.flat())
}

describe('the disagreement of the looks', () => {
  it('is none where the second one finds the same points', async () => {
    const looks: number[] = []
    const run = async (planes: Float32Array) => {
      looks.push(planes.length)
      // The second crop has the extent of the points and a tenth more: what lay at 0.3 to 0.7 of the first is wider there.
      if (looks.length === 1) return aFace()
      const side = SETTINGS.cropScale * 0.5
      return aFace().map((value, i) => (value - (i % 2 === 0 ? 0.5 : 0.55)) / side + 0.5)
    }
    const { points, disagreement } = await findLandmarks(PICTURE, PLACE, { settings: SETTINGS, run })
    expect(looks).toHaveLength(2)
    expect(points[30]?.x).toBeCloseTo(200, 1)
    expect(disagreement).toBeCloseTo(0, 5)
  })

  it('is the mean way of the five points, by the distance between the eyes', async () => {
    let looks = 0
    const run = async () => {
      looks++
      if (looks === 1) return aFace()
      const side = SETTINGS.cropScale * 0.5
      return aFace({ nose: 0.6 }).map((value, i) => (value - (i % 2 === 0 ? 0.5 : 0.55)) / side + 0.5)
    }
    const { disagreement } = await findLandmarks(PICTURE, PLACE, { settings: SETTINGS, run })
    // One point of five moved by 0.1, and the eyes are 0.4 apart.
    expect(disagreement).toBeCloseTo(0.1 / 0.4 / 5, 5)
  })

  it('is a number where the eyes coincide', async () => {
    const run = async () => new Float32Array(136).fill(0.5)
    const { disagreement } = await findLandmarks(PICTURE, PLACE, { settings: SETTINGS, run })
    expect(disagreement).toBeTypeOf('number')
    expect(disagreement).not.toBeNaN()
  })

  it('is unknown where the pack takes the mean of the looks', async () => {
    const settings = { ...SETTINGS, combine: 'mean' } as const
    const run = async () => aFace()
    expect((await findLandmarks(PICTURE, PLACE, { settings, run })).disagreement).toBeNull()
  })
})

it.each([
  ['a number that is none', new Float32Array(136).fill(0.5, 1).fill(Number.NaN, 0, 1)],
  ['fewer numbers', new Float32Array(10).fill(0.5)],
])('a network that gives %s is refused', async (_, numbers) => {
  const finding = findLandmarks(PICTURE, PLACE, { settings: SETTINGS, run: async () => numbers })
  await expect(finding).rejects.toThrow('landmarks does not give 136 numbers for a face')
})

describe('a third look', () => {
  /** The eyes on a line that is turned by so many degrees in the first crop, and level in the next ones. */
  async function looksFor(degrees: number, place = PLACE as Parameters<typeof findLandmarks>[1]) {
    let looks = 0
    const run = async () => {
      looks++
      const turn = looks === 1 ? (degrees * Math.PI) / 180 : 0
      return aFace().map((_, i, all) => {
        const [x, y] = [(all[i - (i % 2)] ?? 0) - 0.5, (all[i - (i % 2) + 1] ?? 0) - 0.5]
        const [cos, sin] = [Math.cos(turn), Math.sin(turn)]
        return 0.5 + (i % 2 === 0 ? cos * x - sin * y : sin * x + cos * y)
      })
    }
    await findLandmarks(PICTURE, place, { settings: SETTINGS, run })
    return looks
  }

  it('is taken where the eyes of the first lie more than 25 degrees off its crop', async () => {
    expect([await looksFor(24), await looksFor(26), await looksFor(-26), await looksFor(180)]).toEqual([
      2, 3, 3, 3,
    ])
  })

  it('is judged by the crop, not by the picture', async () => {
    expect(await looksFor(0, { ...PLACE, quarters: 1, tilt: 45 })).toBe(2)
  })
})
