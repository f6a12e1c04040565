import type { WeightTensor } from './named-weights.ts'

/** A convolution's weights in ONNX's order. Immutable: each step below gives a new one. */
export type ConvolutionWeights = {
  /** Output channel, input channel of the group, height, width. */
  readonly dims: readonly [number, number, number, number]
  readonly filters: Float32Array
  /** One number an output channel. */
  readonly bias: Float32Array
  readonly groups: number
}

/** One number for each channel. */
export type PerChannel = ArrayLike<number>

/** Takes weights in TensorFlow's order [height, width, in, out]; the bias is zero where none is given. */
export function convolutionWeights(filter: WeightTensor, bias?: WeightTensor): ConvolutionWeights {
  const [height = 1, width = 1, channelsIn = 1, channelsOut = 1] = filter.dims
  const dims = [channelsOut, channelsIn, height, width] as const
  const filters = reorder(filter.data, channelsIn * channelsOut, (spatial, channels) => {
    const out = channels % channelsOut
    const into = (channels - out) / channelsOut
    return (out * channelsIn + into) * height * width + spatial
  })
  return { dims, filters, bias: bias?.data ?? new Float32Array(channelsOut), groups: 1 }
}

/** Takes weights in TensorFlow's order of depthwise filters [height, width, channel, 1]. */
export function depthwiseWeights(filter: WeightTensor): ConvolutionWeights {
  const [height = 1, width = 1, channels = 1] = filter.dims
  const filters = reorder(filter.data, channels, (spatial, channel) => channel * height * width + spatial)
  return { dims: [channels, 1, height, width], filters, bias: new Float32Array(channels), groups: channels }
}

/** The convolution followed by y * scale + offset for each output channel. Computed in float64, rounded once. */
export function foldAffine(
  weights: ConvolutionWeights,
  scale: PerChannel,
  offset: PerChannel,
): ConvolutionWeights {
  const perFilter = weights.filters.length / weights.bias.length
  return {
    ...weights,
    filters: weights.filters.map((value, index) => value * at(scale, Math.floor(index / perFilter))),
    bias: weights.bias.map((value, channel) => value * at(scale, channel) + at(offset, channel)),
  }
}

export type BatchNorm = {
  readonly gamma: WeightTensor
  readonly beta: WeightTensor
  readonly mean: WeightTensor
  readonly variance: WeightTensor
  readonly epsilon: number
}

/** The convolution followed by a batch normalisation with fixed statistics. */
export function foldBatchNorm(weights: ConvolutionWeights, norm: BatchNorm): ConvolutionWeights {
  const gamma = norm.gamma.data
  const scale = Array.from(norm.variance.data, (value, i) => at(gamma, i) / Math.sqrt(value + norm.epsilon))
  const offset = Array.from(norm.mean.data, (value, i) => at(norm.beta.data, i) - value * at(scale, i))
  return foldAffine(weights, scale, offset)
}

/** The convolution of (x - means) * factor, for an input that is given as x. Exact only without padding:
 *  padding adds zeros after the subtraction, here they would be added before it. */
export function foldInput(
  weights: ConvolutionWeights,
  means: PerChannel,
  factor: number,
): ConvolutionWeights {
  const [channelsOut, channelsIn, height, width] = weights.dims
  const area = height * width
  const bias = new Float32Array(channelsOut)
  for (let out = 0; out < channelsOut; out++) {
    let sum = 0
    for (let i = 0; i < channelsIn * area; i++) {
      sum += at(weights.filters, out * channelsIn * area + i) * at(means, Math.floor(i / area))
    }
    bias[out] = at(weights.bias, out) - sum * factor
  }
  return { ...weights, filters: weights.filters.map((value) => value * factor), bias }
}

/** The same convolution for an input whose channels come in the opposite order (RGB for BGR). */
export function reverseInputChannels(weights: ConvolutionWeights): ConvolutionWeights {
  const [, channelsIn, height, width] = weights.dims
  const area = height * width
  const filters = weights.filters.map((_, index) => {
    const channel = Math.floor(index / area) % channelsIn
    return at(weights.filters, index + (channelsIn - 1 - 2 * channel) * area)
  })
  return { ...weights, filters }
}

/** The convolution with only the output channels named, in the order named. */
export function selectOutputs(weights: ConvolutionWeights, channels: readonly number[]): ConvolutionWeights {
  const perFilter = weights.filters.length / weights.bias.length
  const filters = new Float32Array(channels.length * perFilter)
  channels.forEach((channel, index) => {
    filters.set(weights.filters.subarray(channel * perFilter, (channel + 1) * perFilter), index * perFilter)
  })
  const [, ...rest] = weights.dims
  const bias = Float32Array.from(channels, (channel) => at(weights.bias, channel))
  return { ...weights, dims: [channels.length, ...rest], filters, bias }
}

/** Two convolutions of the same input as one, the second's outputs after the first's. */
export function joinOutputs(first: ConvolutionWeights, second: ConvolutionWeights): ConvolutionWeights {
  const [channels, ...rest] = first.dims
  return {
    dims: [channels + second.dims[0], ...rest],
    filters: joined(first.filters, second.filters),
    bias: joined(first.bias, second.bias),
    groups: first.groups,
  }
}

function joined(first: Float32Array, second: Float32Array): Float32Array {
  const result = new Float32Array(first.length + second.length)
  result.set(first)
  result.set(second, first.length)
  return result
}

/** Moves the value at [spatial, channels] of a matrix with `columns` columns to the index that `target` names. */
function reorder(
  data: Float32Array,
  columns: number,
  target: (spatial: number, channels: number) => number,
): Float32Array {
  const result = new Float32Array(data.length)
  for (let index = 0; index < data.length; index++) {
    const channels = index % columns
    result[target((index - channels) / columns, channels)] = at(data, index)
  }
  return result
}

/** A value that must be there: weights of the wrong length are a fault, never a silent NaN. */
function at(values: PerChannel, index: number): number {
  const value = values[index]
  if (value === undefined)
    throw new Error(`A weight has ${values.length} numbers; number ${index} was asked for.`)
  return value
}
