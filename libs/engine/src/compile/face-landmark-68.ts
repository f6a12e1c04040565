import { convolutionWeights, depthwiseWeights, foldInput } from './convolution-weights.ts'
import type { NamedWeights } from './named-weights.ts'
import { type GraphValue, OnnxGraph } from './onnx-graph.ts'
import type { OnnxModel } from './onnx-writer.ts'

/** Mean of red, green and blue in the pictures the network was trained on, 0..255. */
const MEAN_RGB = [122.782, 117.001, 104.298]

const BLOCKS = ['dense0', 'dense1', 'dense2', 'dense3']

/** 68 landmarks, of `@vladmandic/face-api`.
 *
 *  Input `pixels` float32 [batch, 3, 112, 112], RGB 0..255.
 *
 *  Output `points` float32 [batch, 136]: x and y of each point in turn, as fractions of the crop. */
export function buildFaceLandmark68(weights: NamedWeights): OnnxModel {
  const graph = new OnnxGraph('face-landmark-68')
  const pixels = graph.input({ name: 'pixels', elementType: 'float32', dims: ['batch', 3, 112, 112] })
  let x = graph.subtractChannels(pixels, MEAN_RGB)
  for (const block of BLOCKS) x = buildBlock(graph, weights, { x, name: block })
  const { dims, data } = weights.take('fc/weights')
  const bias = weights.take('fc/bias')
  const points = graph.node('Gemm', [
    graph.globalMean(x),
    graph.floats(dims, data),
    graph.floats(bias.dims, bias.data),
  ])
  graph.output('points', points, ['batch', 136])
  weights.assertUsedUp()
  return graph.toModel()
}

type Layer = { readonly x: GraphValue; readonly name: string }

/** Four convolutions, each of which reads the sum of all outputs before it. */
function buildBlock(graph: OnnxGraph, weights: NamedWeights, { x, name }: Layer): GraphValue {
  const first = name === BLOCKS[0] ? plain : separable
  const out1 = graph.relu(first(graph, weights, { x, name: `${name}/conv0`, stride: 2 }))
  const out2 = separable(graph, weights, { x: out1, name: `${name}/conv1` })
  const sum2 = graph.add(out1, out2)
  const out3 = separable(graph, weights, { x: graph.relu(sum2), name: `${name}/conv2` })
  const sum3 = graph.add(sum2, out3)
  const out4 = separable(graph, weights, { x: graph.relu(sum3), name: `${name}/conv3` })
  return graph.relu(graph.add(sum3, out4))
}

/** The pixels' division by 255 is part of it. */
function plain(
  graph: OnnxGraph,
  weights: NamedWeights,
  layer: Layer & { readonly stride: number },
): GraphValue {
  const filter = weights.take(`${layer.name}/filters`)
  const convolution = convolutionWeights(filter, weights.take(`${layer.name}/bias`))
  const scaled = foldInput(convolution, [0, 0, 0], 1 / 255)
  return graph.convolution(layer.x, scaled, { stride: layer.stride, padding: 'same' })
}

function separable(
  graph: OnnxGraph,
  weights: NamedWeights,
  layer: Layer & { readonly stride?: number },
): GraphValue {
  const depthwise = depthwiseWeights(weights.take(`${layer.name}/depthwise_filter`))
  const filter = weights.take(`${layer.name}/pointwise_filter`)
  const pointwise = convolutionWeights(filter, weights.take(`${layer.name}/bias`))
  const y = graph.convolution(layer.x, depthwise, { stride: layer.stride ?? 1, padding: 'same' })
  return graph.convolution(y, pointwise, { padding: 'same' })
}
