import {
  type ConvolutionWeights,
  convolutionWeights,
  depthwiseWeights,
  foldAffine,
  reverseInputChannels,
} from './convolution-weights.ts'
import type { NamedWeights, WeightTensor } from './named-weights.ts'
import { type GraphValue, OnnxGraph } from './onnx-graph.ts'
import type { OnnxModel } from './onnx-writer.ts'
import type { GraphNode, TfjsGraphModel } from './tfjs-graph-model.ts'

/** Mean of red, green and blue in the pictures the network was trained on, 0..255. */
const MEAN_RGB = [123.68, 116.779, 103.939]

const OUTPUTS = [
  { node: 'global_pooling/Mean', name: 'features', dims: ['batch', 1024] },
  { node: 'age_pred/Softmax', name: 'age', dims: ['batch', 100] },
  { node: 'gender_pred/Sigmoid', name: 'sex', dims: ['batch', 1] },
] as const

/** A convolution whose affine and limits are still being gathered from the nodes after it. */
type Pending = {
  readonly x: GraphValue
  readonly weights: ConvolutionWeights
  readonly stride: number
  readonly padding: 'same' | 'valid'
  readonly low: number
  readonly high: number
}

type Translation = {
  readonly graph: OnnxGraph
  readonly weights: NamedWeights
  readonly values: Map<string, GraphValue>
  readonly pending: Map<string, Pending>
}

/** FaceRes (MobileNet v1), of `@vladmandic/human`: translated node by node from the package's graph.
 *
 *  Input `pixels` float32 [batch, 3, 224, 224], RGB 0..255; the network was trained on BGR, so the order of its
 *  first filters is reversed.
 *
 *  Outputs, float32: `features` [batch, 1024], never negative, not of unit length; `age` [batch, 100], the
 *  probability of each age in years; `sex` [batch, 1], the probability of male. */
export function buildFaceres(model: TfjsGraphModel): OnnxModel {
  const graph = new OnnxGraph('faceres')
  const { weights } = model
  const translation: Translation = { graph, weights, values: new Map(), pending: new Map() }
  weights.discard(['global_pooling/Mean/reduction_indices'])
  for (const node of model.nodes) translate(translation, node)
  for (const { node, name, dims } of OUTPUTS) graph.output(name, resultOf(translation, node), dims)
  weights.assertUsedUp()
  return graph.toModel()
}

function translate(translation: Translation, node: GraphNode): void {
  const { graph, values } = translation
  const x = input(node, 0)
  switch (node.operation) {
    case 'Placeholder': {
      const pixels = graph.input({ name: 'pixels', elementType: 'float32', dims: ['batch', 3, 224, 224] })
      values.set(node.name, graph.subtractChannels(pixels, MEAN_RGB))
      break
    }
    case 'Conv2D':
    case 'DepthwiseConv2dNative':
      translation.pending.set(node.name, beginConvolution(translation, node))
      break
    case 'Mean':
      values.set(node.name, graph.globalMean(resultOf(translation, x)))
      break
    case '_FusedMatMul':
      values.set(node.name, translateMatMul(translation, node))
      break
    case 'Sigmoid':
    case 'Softmax':
      values.set(node.name, graph.node(node.operation, [resultOf(translation, x)]))
      break
    default:
      translation.pending.set(node.name, extendConvolution(translation, node))
  }
}

function beginConvolution({ graph, weights, values, pending }: Translation, node: GraphNode): Pending {
  const filter = weights.take(input(node, 1))
  const source = input(node, 0)
  const depthwise = node.operation === 'DepthwiseConv2dNative'
  const convolution = depthwise ? depthwiseWeights(filter) : convolutionWeights(filter)
  // Only the first convolution reads the pixels, which are given as RGB.
  const readsPixels = !pending.has(source)
  return {
    x: resultOf({ graph, weights, values, pending }, source),
    weights: readsPixels ? reverseInputChannels(convolution) : convolution,
    stride: node.integers('strides')[1] ?? 1,
    padding: node.text('padding') === 'SAME' ? 'same' : 'valid',
    low: Number.NEGATIVE_INFINITY,
    high: Number.POSITIVE_INFINITY,
  }
}

/** Folds an element-wise operation into the convolution before it. */
function extendConvolution({ weights, pending }: Translation, node: GraphNode): Pending {
  const before = pending.get(input(node, 0))
  if (!before) throw new Error(`faceres: '${node.operation}' does not follow a convolution.`)
  if (node.operation === 'Relu') return { ...before, low: Math.max(before.low, 0) }
  const operand = weights.take(input(node, 1))
  switch (node.operation) {
    case 'Mul':
      return { ...before, weights: foldAffine(before.weights, operand.data, zeros(operand)) }
    case 'Add':
      return { ...before, weights: foldAffine(before.weights, zeros(operand).fill(1), operand.data) }
    case 'Minimum':
      return { ...before, high: Math.min(before.high, scalar(operand)) }
    case 'Maximum':
      return { ...before, low: Math.max(before.low, scalar(operand)) }
    default:
      throw new Error(`faceres: the operation '${node.operation}' is not known.`)
  }
}

function translateMatMul(translation: Translation, node: GraphNode): GraphValue {
  const { graph, weights } = translation
  const kernel = weights.take(input(node, 1))
  const bias = weights.take(input(node, 2))
  const constants = [graph.floats(kernel.dims, kernel.data), graph.floats(bias.dims, bias.data)]
  const y = graph.node('Gemm', [resultOf(translation, input(node, 0)), ...constants])
  return node.texts('fused_ops').includes('Relu') ? graph.relu(y) : y
}

/** The graph's value for a node; a pending convolution is written out when it is first asked for. */
function resultOf({ graph, values, pending }: Translation, name: string): GraphValue {
  const known = values.get(name)
  if (known !== undefined) return known
  const convolution = pending.get(name)
  if (!convolution) throw new Error(`faceres: there is no node '${name}'.`)
  const { x, weights, stride, padding, low, high } = convolution
  const value = graph.clip(graph.convolution(x, weights, { stride, padding }), low, high)
  values.set(name, value)
  return value
}

function input(node: GraphNode, index: number): string {
  return node.inputs[index] ?? ''
}

function zeros(tensor: WeightTensor): Float32Array {
  return new Float32Array(tensor.data.length)
}

function scalar(tensor: WeightTensor): number {
  const [value] = tensor.data
  if (value === undefined || tensor.data.length !== 1) throw new Error('faceres: a limit is not one number.')
  return value
}
