import { describe, expect, it } from 'vitest'
import { sharedPixels } from '../../geometry/pixels.ts'
import { manifestOf } from '../../testing/tarball-networks.ts'
import { findLandmarks } from './find-landmarks.ts'

const { landmarks } = manifestOf('builtin@2')
if (landmarks === null) throw new Error('the pack has no landmarks')
const SETTINGS = landmarks
const PICTURE = sharedPixels(400, 400)
const PLACE = { box: { x: 100, y: 100, width: 200, height: 200 }, quarters: 0 } as const

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
