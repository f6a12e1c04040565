import { describe, expect, it } from 'vitest'
import type { Face } from '../ports/face-engine.ts'
import { aDescriptor } from '../testing/index.ts'
import { judgeFace, type QualityModel, qualityOfSigns } from './face-quality.ts'
import { SIGN_NAMES, type SignValues, signsOf } from './face-signs.ts'

const GOOD = Object.fromEntries(SIGN_NAMES.map((name) => [name, 1])) as unknown as SignValues
const MODEL: QualityModel = {
  bias: -3,
  terms: [
    { sign: 'norm', worst: 0, best: 1, weight: 4 },
    { sign: 'grain', worst: 3, best: 1, weight: 1 },
    { sign: 'fine', worst: 0, best: 1, weight: 0 },
  ],
}

const FACE: Face = {
  box: { x: 0, y: 0, width: 100, height: 120 },
  boxInPicture: { x: 0, y: 0, width: 100, height: 120 },
  score: 0.999,
  landmarks: [
    { x: 30, y: 40 },
    { x: 70, y: 40 },
    { x: 50, y: 62 },
    { x: 34, y: 86 },
    { x: 66, y: 86 },
  ],
  rotationAngle: 0,
  landmarkDisagreement: 0.02,
  descriptor: aDescriptor(1),
  crop: null,
  signs: {
    contour: Array.from({ length: 68 }, (_, at) => ({ x: at % 9, y: Math.floor(at / 9) })),
    norms: [70, 20],
    agreements: [0.98, 0.9],
    chip: {
      mean: 0.5,
      deviation: 0.2,
      dark: 0,
      light: 0,
      fine: 0.06,
      coarse: 0.15,
      eyes: 1.2,
      mouth: 1,
      flat: 0.2,
    },
  },
}

describe('the quality of a face', () => {
  it('is what the model says of a comparison with another photo', () => {
    const { value, parts } = qualityOfSigns(GOOD, MODEL)
    expect(value).toBeCloseTo(100 / (1 + Math.exp(-3)), 0)
    expect(parts).toEqual({
      size: 100,
      sharpness: 100,
      exposure: 100,
      pose: 100,
      covering: 100,
      detection: 100,
      landmarks: 100,
      agreement: 100,
      norm: 100,
    })
  })

  it('comes with how sure damage is, by the surest sign, where the pack tells it', () => {
    const damage = [
      { sign: 'flat', none: 0.5, certain: 1 },
      { sign: 'grain', none: 0.5, certain: 0.9 },
    ] as const
    const damageOf = (flat: number, grain: number) =>
      qualityOfSigns({ ...GOOD, flat, grain }, { ...MODEL, damage }).damage
    expect([damageOf(0.2, 0.4), damageOf(0.75, 0.4), damageOf(0.2, 2), damageOf(0.75, 0.8)]).toEqual([
      0, 0.5, 1, 0.75,
    ])
    expect(qualityOfSigns({ ...GOOD, flat: 1 }, MODEL)).not.toHaveProperty('damage')
  })

  it('falls with each sign, and is no worse beyond the worst', () => {
    const half = qualityOfSigns({ ...GOOD, norm: 0.5 }, MODEL)
    expect(half.value).toBeCloseTo(100 / (1 + Math.exp(-3 + 2)), 0)
    expect(half.parts.norm).toBe(50)
    const worst = qualityOfSigns({ ...GOOD, norm: 0 }, MODEL)
    expect(qualityOfSigns({ ...GOOD, norm: -9 }, MODEL)).toEqual(worst)
    expect(worst.value).toBeLessThan(half.value)
  })

  it('knows signs of which much is bad, and tells a part by its worst sign', () => {
    const { value, parts } = qualityOfSigns({ ...GOOD, grain: 2, fine: 0.25 }, MODEL)
    // The fine detail weighs nothing, and is told all the same.
    expect(parts.sharpness).toBe(25)
    expect(value).toBeCloseTo(100 / (1 + Math.exp(-3 + 0.5)), 0)
  })

  it('is not told without a model, or without signs', () => {
    const { signs: _, ...unseen } = FACE
    expect(judgeFace(FACE, undefined)).toBeNull()
    expect(judgeFace(unseen, MODEL)).toBeNull()
    expect(judgeFace(FACE, MODEL)).toEqual(qualityOfSigns(signsOf(FACE)!, MODEL))
  })
})

describe('the signs of a face', () => {
  it('are of its points, its chip and the first recognizer', () => {
    expect(signsOf(FACE)).toMatchObject({
      size: Math.log2(40),
      grain: 0.06 / 0.15,
      norm: 70,
      agreement: 0.98,
      landmarkPasses: 0.02,
      detection: expect.closeTo(Math.log(0.999 / 0.001), 5),
    })
  })

  it('are numbers for a score of 1, eyes that coincide, and points on a line', () => {
    const point = { x: 5, y: 5 }
    const landmarks = [point, point, point, point, point] as const
    const signs = signsOf({ ...FACE, score: 1, landmarks, landmarkDisagreement: null })
    for (const value of Object.values(signs ?? {})) expect(value).toSatisfy(Number.isFinite)
    expect(signs?.detection).toBe(10)
  })

  it('tell a face like the mean face, however it is turned and sized, from one that is not', () => {
    const fitOf = (landmarks: Face['landmarks']) => signsOf({ ...FACE, landmarks })?.landmarkFit ?? Number.NaN
    const [a, b, c, d, e] = FACE.landmarks
    const turn = ({ x, y }: { x: number; y: number }) => ({ x: 7 - 3 * y, y: 3 * x - 2 })
    const upright = fitOf(FACE.landmarks)
    expect(upright).toBeLessThan(0.1)
    expect(fitOf([turn(a), turn(b), turn(c), turn(d), turn(e)])).toBeCloseTo(upright, 9)
    expect(fitOf([a, b, { x: 80, y: 62 }, d, e])).toBeGreaterThan(0.2)
  })
})
