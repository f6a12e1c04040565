import type { ConvolutionWeights } from './convolution-weights.ts'
import type { GraphValue, OnnxGraph } from './onnx-graph.ts'

/** x where it is positive, otherwise slope * x, with a slope for each channel: x + sign * relu(-|1 - slope| * x), the sign
 *  being that of 1 - slope. As two depthwise convolutions of 1 x 1, of which the runtime does the ReLU and the sum on the
 *  way, and not as the operator PRelu, for which it leaves its blocked layout: that takes two thirds of a network's time. */
export function prelu(graph: OnnxGraph, x: GraphValue, slopes: Float32Array): GraphValue {
  const below = slopes.map((slope) => -Math.abs(1 - slope))
  const signs = slopes.map((slope) => Math.sign(1 - slope))
  const rest = graph.relu(graph.convolution(x, scaleChannels(below), { padding: 'valid' }))
  return graph.add(graph.convolution(rest, scaleChannels(signs), { padding: 'valid' }), x)
}

/** The convolution that multiplies each channel by a number. */
function scaleChannels(factors: Float32Array): ConvolutionWeights {
  const channels = factors.length
  return {
    dims: [channels, 1, 1, 1],
    filters: factors,
    bias: new Float32Array(channels),
    groups: channels,
  }
}
