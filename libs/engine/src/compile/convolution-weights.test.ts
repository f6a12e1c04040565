import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ConvolutionWeights,
  convolutionWeights,
  depthwiseWeights,
  foldAffine,
  foldBatchNorm,
  foldInput,
  reverseInputChannels,
} from './convolution-weights.ts'

/** Eighths, so that every sum and product below is exact in float32. */
const eighths = (length: number) =>
  fc
    .array(fc.integer({ min: -40, max: 40 }), { minLength: length, maxLength: length })
    .map((values) => Float32Array.from(values, (value) => value / 8))

/** A convolution of a patch as large as its filters: one number per output channel. */
function convolve({ dims, filters, bias }: ConvolutionWeights, patch: readonly number[]): number[] {
  const [, channelsIn, height, width] = dims
  const size = channelsIn * height * width
  return Array.from(bias, (offset, out) =>
    patch.reduce((sum, value, i) => sum + value * filters[out * size + i]!, offset),
  )
}

// Two output channels, three input channels, filters of 2 x 1.
const layer = fc.record({ filter: eighths(12), bias: eighths(2), patch: eighths(6), scale: eighths(3) })

function weightsOf({ filter, bias }: { filter: Float32Array; bias: Float32Array }): ConvolutionWeights {
  return convolutionWeights({ dims: [2, 1, 3, 2], data: filter }, { dims: [2], data: bias })
}

describe('convolution weights', () => {
  it("move TensorFlow's [height, width, in, out] to [out, in, height, width]", () => {
    const data = Float32Array.from({ length: 12 }, (_, i) => i)
    const { dims, filters } = convolutionWeights({ dims: [2, 1, 3, 2], data })
    expect(dims).toEqual([2, 3, 2, 1])
    expect([...filters]).toEqual([0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11])
  })

  it('move depthwise filters [height, width, channel, 1] to [channel, 1, height, width]', () => {
    const data = Float32Array.from({ length: 6 }, (_, i) => i)
    const { dims, filters, groups } = depthwiseWeights({ dims: [2, 1, 3, 1], data })
    expect(dims).toEqual([3, 1, 2, 1])
    expect([...filters]).toEqual([0, 3, 1, 4, 2, 5])
    expect(groups).toBe(3)
  })

  it('with an affine folded in give what the affine gives of their result', () => {
    fc.assert(
      fc.property(layer, (given) => {
        const weights = weightsOf(given)
        const [a = 0, b = 0] = given.scale
        const [y0 = 0, y1 = 0] = convolve(weights, [...given.patch])
        const folded = convolve(foldAffine(weights, [a, b], [1, 2]), [...given.patch])
        expect(folded).toEqual([y0 * a + 1, y1 * b + 2])
      }),
    )
  })

  it('with a batch norm folded in normalise their result', () => {
    const weights = convolutionWeights({ dims: [1, 1, 1, 1], data: Float32Array.of(2) })
    const one = (value: number) => ({ dims: [1], data: Float32Array.of(value) })
    const folded = foldBatchNorm(weights, {
      gamma: one(3),
      beta: one(5),
      mean: one(4),
      variance: one(15),
      epsilon: 1,
    })
    expect(convolve(folded, [10])).toEqual([((20 - 4) * 3) / 4 + 5])
  })

  it('with the input folded in give the result for the normalised input', () => {
    fc.assert(
      fc.property(layer, (given) => {
        const weights = weightsOf(given)
        const normalized = Array.from(
          given.patch,
          (value, i) => (value - given.scale[Math.floor(i / 2)]!) / 4,
        )
        const folded = convolve(foldInput(weights, given.scale, 1 / 4), [...given.patch])
        expect(folded).toEqual(convolve(weights, normalized))
      }),
    )
  })

  it('with the input channels reversed give the same for the reversed input', () => {
    fc.assert(
      fc.property(layer, (given) => {
        const weights = weightsOf(given)
        const [r0 = 0, r1 = 0, g0 = 0, g1 = 0, b0 = 0, b1 = 0] = given.patch
        const reversed = convolve(reverseInputChannels(weights), [b0, b1, g0, g1, r0, r1])
        expect(reversed).toEqual(convolve(weights, [...given.patch]))
      }),
    )
  })
})
