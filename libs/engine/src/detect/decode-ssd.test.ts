import { describe, expect, it } from 'vitest'
import { decodeSsd } from './decode-ssd.ts'

/** Two levels: 2 x 1 cells with one anchor, then one cell with two. */
const DETECTOR = {
  levels: [
    { stride: 32, anchors: [[10, 20] as [number, number]] },
    {
      stride: 64,
      anchors: [
        [40, 40],
        [60, 30],
      ] as [number, number][],
    },
  ],
  variances: [10, 5] as [number, number],
  minScore: 0.5,
}
const SIZE = { width: 64, height: 32 }
const NO_FACE = [-3, 0, 0, 0, 0]

describe('decodeSsd', () => {
  it('keeps the anchor where nothing is encoded', () => {
    const predictions = Float32Array.of(...NO_FACE, 2, 0, 0, 0, 0, ...NO_FACE, ...NO_FACE)
    const [box, ...others] = decodeSsd(DETECTOR, predictions, SIZE)
    expect(others).toEqual([])
    expect(box).toMatchObject({ left: 43, right: 53, top: 6, bottom: 26 })
    expect(box?.score).toBeCloseTo(1 / (1 + Math.exp(-2)), 12)
  })

  it('moves by tenths of the anchor and scales by fifths of an exponent', () => {
    const encoded = [0, 5, -5, 5 * Math.log(2), 0]
    const predictions = Float32Array.of(...NO_FACE, ...NO_FACE, ...NO_FACE, ...encoded)
    const [box] = decodeSsd(DETECTOR, predictions, SIZE)
    expect(box?.left).toBeCloseTo(32 - 30 - 30, 4)
    expect(box?.right).toBeCloseTo(32 - 30 + 30, 4)
    expect(box?.top).toBeCloseTo(32 + 15 - 30, 4)
    expect(box?.bottom).toBeCloseTo(32 + 15 + 30, 4)
  })

  it('drops what is below the score and keeps what is exactly at it', () => {
    const scores = (logit: number) =>
      decodeSsd(DETECTOR, Float32Array.of(logit, 0, 0, 0, 0, ...NO_FACE, ...NO_FACE, ...NO_FACE), SIZE)
    expect(scores(-0.001)).toHaveLength(0)
    expect(scores(0)).toHaveLength(1)
  })

  it('refuses predictions of another picture size', () => {
    expect(() => decodeSsd(DETECTOR, new Float32Array(15), SIZE)).toThrow('15 numbers for 64 x 32, not 20')
  })
})
