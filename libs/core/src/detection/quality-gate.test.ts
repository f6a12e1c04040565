import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aPicture, createFakeFaceEngine, GOOD_PARTS } from '../testing/index.ts'
import { type GatedFace, judgeGate, QUALITY_GATES, type QualityGate } from './quality-gate.ts'

const WORK = { lane: 'enroll' } as const

/** Of the fake engine: blur 0.2, no roll, one face, eyes at one point; nothing else can be measured of it. */
async function aFace(quality?: GatedFace['quality']): Promise<GatedFace> {
  const request = { faces: 'central', effort: 'rich', crop: null, examineFirst: true } as const
  const report = await createFakeFaceEngine().findFaces(aPicture(), request, WORK)
  if (report.outcome !== 'faces' || report.examined === undefined) throw new Error('no face')
  return { examined: report.examined, quality }
}

describe('a gate', () => {
  it('takes a value at either end of its range, and names the one beyond', async () => {
    const face = await aFace()
    for (const range of [
      [0.2, 1],
      [0, 0.2],
    ] as const)
      expect(judgeGate([{ name: 'BlurLevel', range }], face)).toEqual({ kept: 1, broken: [] })
    expect(judgeGate([{ name: 'BlurLevel', range: [0.3, 1] }], face)).toEqual({
      kept: 0,
      broken: [{ characteristic: 'BlurLevel', value: 0.2, range: [0.3, 1] }],
    })
  })

  it('takes what cannot be measured, by whatever limit', async () => {
    const unmeasured: QualityGate = [
      { name: 'Smile', range: [0, 0] },
      { name: 'Yaw', range: [0, 0] },
      { name: 'faceQuality', range: [100, 100] },
    ]
    expect(judgeGate(unmeasured, await aFace())).toEqual({ kept: -1, broken: [] })
    const { broken } = judgeGate(unmeasured, await aFace({ value: 99.9, parts: GOOD_PARTS }))
    expect(broken.map(({ characteristic }) => characteristic)).toEqual(['faceQuality'])
  })

  it('refuses a value that is no number, which keeps to no limit', async () => {
    const face = await aFace({ value: Number.NaN, parts: GOOD_PARTS })
    expect(judgeGate([{ name: 'faceQuality', range: [0, 100] }], face).broken).toHaveLength(1)
  })

  it('never takes by a narrower range what a wider one refuses', async () => {
    const face = await aFace({ value: 60, parts: GOOD_PARTS })
    const end = fc.double({ min: 0, max: 100, noNaN: true })
    fc.assert(
      fc.property(end, end, end, end, (...ends) => {
        const [a, b, c, d] = ends.toSorted((one, other) => one - other) as [number, number, number, number]
        const refusals = (range: readonly [number, number]) =>
          judgeGate([{ name: 'faceQuality', range }], face).broken.length
        expect(refusals([b, c])).toBeGreaterThanOrEqual(refusals([a, d]))
      }),
    )
  })

  it('refuses by `strict` whatever `standard` refuses', () => {
    const strict = new Map<string, readonly [number, number]>(
      QUALITY_GATES.strict.map(({ name, range }) => [name, range]),
    )
    for (const { name, range } of QUALITY_GATES.standard) {
      const [low, high] = strict.get(name) ?? [Number.NaN, Number.NaN]
      expect([name, low >= range[0], high <= range[1]]).toEqual([name, true, true])
    }
  })
})
