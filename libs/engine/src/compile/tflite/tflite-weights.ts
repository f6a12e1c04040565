import { type ConvolutionWeights, depthwiseWeights } from '../convolution-weights.ts'
import type { WeightTensor } from '../named-weights.ts'

/** Takes filters in TFLite's order [out, height, width, in]. */
export function tfliteConvolution(filter: WeightTensor, bias: WeightTensor): ConvolutionWeights {
  const [channelsOut = 1, height = 1, width = 1, channelsIn = 1] = filter.dims
  const dims = [channelsOut, channelsIn, height, width] as const
  return { dims, filters: channelsFirst(filter.data, height * width, channelsIn), bias: bias.data, groups: 1 }
}

/** Takes filters in TFLite's order [1, height, width, channel]. */
export function tfliteDepthwise(filter: WeightTensor, bias: WeightTensor): ConvolutionWeights {
  const [, height = 1, width = 1, channels = 1] = filter.dims
  return { ...depthwiseWeights({ dims: [height, width, channels, 1], data: filter.data }), bias: bias.data }
}

/** The matrix [out, in] of a layer that reads a tensor of `dims` [batch, height, width, channel] as one row, for the
 *  same tensor as [batch, channel, height, width]. */
export function tfliteMatrix(kernel: WeightTensor, dims: readonly number[]): WeightTensor {
  const [, height = 1, width = 1, channels = 1] = dims
  if (dims.length !== 4) return kernel
  return { dims: kernel.dims, data: channelsFirst(kernel.data, height * width, channels) }
}

/** Within each block of `area` * `channels` numbers, from pixel by pixel to channel by channel. */
function channelsFirst(data: Float32Array, area: number, channels: number): Float32Array {
  const result = new Float32Array(data.length)
  const block = area * channels
  for (let index = 0; index < data.length; index++) {
    const within = index % block
    const channel = within % channels
    const pixel = (within - channel) / channels
    result[index - within + channel * area + pixel] = data[index] ?? 0
  }
  return result
}
