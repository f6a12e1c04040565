import { describe, expect, it } from 'vitest'
import type { SsdDetector } from '../../packs/pack-manifest.ts'
import { decodeSsdBoxes } from './ssd-boxes.ts'

const DETECTOR: SsdDetector = {
  role: 'detector',
  layout: 'ssd',
  input: {
    name: 'pixels',
    elementType: 'uint8',
    layout: 'NHWC',
    channels: 'RGB',
    mean: [0, 0, 0],
    std: [1, 1, 1],
    size: { multipleOf: 32, longest: 512 },
  },
  output: 'predictions',
  minScore: 0.5,
  maxIou: 0.5,
  variances: [10, 5],
  levels: [
    { stride: 16, anchors: [[20, 10]] },
    {
      stride: 32,
      anchors: [
        [64, 64],
        [40, 80],
      ],
    },
  ],
}

/** A canvas of 64 x 32 has 8 cells of one anchor and 2 of two. */
const ANCHORS = 12

function somePredictions(values: Readonly<Record<number, readonly number[]>>): Float32Array {
  const predictions = new Float32Array(ANCHORS * 5)
  for (let anchor = 0; anchor < ANCHORS; anchor++)
    predictions.set(values[anchor] ?? [-9, 0, 0, 0, 0], anchor * 5)
  return predictions
}

describe('decoding the detector', () => {
  it('finds the anchor itself where the network says no more than "face"', () => {
    // Cell in row 1, column 2 of the first level.
    const predictions = somePredictions({ 6: [2, 0, 0, 0, 0] })
    const [found, ...others] = decodeSsdBoxes(DETECTOR, { predictions, width: 64, height: 32 })
    expect(others).toEqual([])
    expect(found?.box).toEqual({ x: 30, y: 19, width: 20, height: 10 })
    expect(found?.score).toBeCloseTo(0.8808, 4)
  })

  it('moves by tenths of the anchor and grows by fifths of its logarithm', () => {
    // Last cell, second anchor of the second level: 40 wide, 80 high, centre 48, 16.
    const predictions = somePredictions({ 11: [0, 1, -2, 5 * Math.log(2), 5 * Math.log(0.5)] })
    const [found] = decodeSsdBoxes(DETECTOR, { predictions, width: 64, height: 32 })
    expect(found?.box.width).toBeCloseTo(20, 4)
    expect(found?.box.height).toBeCloseTo(160, 4)
    expect(found!.box.x + found!.box.width / 2).toBeCloseTo(48 - 8, 4)
    expect(found!.box.y + found!.box.height / 2).toBeCloseTo(16 + 8, 4)
  })

  it('keeps a score of exactly the limit and drops what is below', () => {
    const predictions = somePredictions({ 0: [0, 0, 0, 0, 0], 1: [-0.001, 0, 0, 0, 0] })
    expect(decodeSsdBoxes(DETECTOR, { predictions, width: 64, height: 32 })).toHaveLength(1)
  })
})
