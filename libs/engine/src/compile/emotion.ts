import { type ConvolutionWeights, convolutionWeights, depthwiseWeights } from './convolution-weights.ts'
import type { NamedWeights } from './named-weights.ts'
import { type GraphValue, OnnxGraph } from './onnx-graph.ts'
import type { OnnxModel } from './onnx-writer.ts'
import type { GraphNode, TfjsGraphModel } from './tfjs-graph-model.ts'

/** Red, green and blue in the grey of the pictures that the network was trained on (ITU-R BT.601). */
const GREY = [0.2989, 0.587, 0.114]

type Translation = {
  readonly graph: OnnxGraph
  readonly weights: NamedWeights
  readonly values: Map<string, GraphValue>
}

/** The expression network (a small Xception on 64 x 64 grey pictures), of `@vladmandic/human`: translated node by node.
 *
 *  Input `pixels` float32 [batch, 3, 64, 64], RGB 0..255; grey between -1 and 1 is made of it within the graph.
 *
 *  Output `expressions` float32 [batch, 7], probabilities of angry, disgust, fear, happy, sad, surprise, neutral. */
export function buildEmotion({ nodes, weights }: TfjsGraphModel): OnnxModel {
  const graph = new OnnxGraph('emotion')
  const translation: Translation = { graph, weights, values: new Map() }
  weights.discard(['StatefulPartitionedCall/model_1/global_average_pooling2d_1/Mean/reduction_indices'])
  for (const node of nodes) translation.values.set(node.name, translate(translation, node))
  graph.output('expressions', valueAt(translation, 'Identity'), ['batch', 7])
  weights.assertUsedUp()
  return graph.toModel()
}

function translate(translation: Translation, node: GraphNode): GraphValue {
  const { graph } = translation
  if (node.operation === 'Placeholder') {
    const pixels = graph.input({ name: 'pixels', elementType: 'float32', dims: ['batch', 3, 64, 64] })
    return graph.convolution(pixels, toGrey(), { padding: 'valid' })
  }
  const x = valueAt(translation, node.inputs[0] ?? '')
  switch (node.operation) {
    case '_FusedConv2D':
    case 'DepthwiseConv2dNative':
      return translateConvolution(translation, node, x)
    case 'MaxPool':
      return graph.node('MaxPool', [x], {
        auto_pad: { type: 'string', value: node.text('padding') === 'SAME' ? 'SAME_UPPER' : 'VALID' },
        kernel_shape: { type: 'ints', value: node.integers('ksize').slice(1, 3) },
        strides: { type: 'ints', value: node.integers('strides').slice(1, 3) },
      })
    case 'AddV2':
      return graph.add(x, valueAt(translation, node.inputs[1] ?? ''))
    case 'Relu':
      return graph.relu(x)
    case 'Mean':
      return graph.globalMean(x)
    case 'Softmax':
      return graph.node('Softmax', [x])
    case 'Identity':
      return x
    default:
      throw new Error(`emotion: the operation '${node.operation}' is not known.`)
  }
}

function translateConvolution(translation: Translation, node: GraphNode, x: GraphValue): GraphValue {
  const { graph, weights } = translation
  const filter = weights.take(node.inputs[1] ?? '')
  const isDepthwise = node.operation === 'DepthwiseConv2dNative'
  const convolution = isDepthwise
    ? depthwiseWeights(filter)
    : convolutionWeights(filter, weights.take(node.inputs[2] ?? ''))
  const y = graph.convolution(x, convolution, {
    stride: node.integers('strides')[1] ?? 1,
    padding: node.text('padding') === 'SAME' ? 'same' : 'valid',
  })
  return node.texts('fused_ops').includes('Relu') ? graph.relu(y) : y
}

/** Scales 0..255 to -1..1. */
function toGrey(): ConvolutionWeights {
  const filters = Float32Array.from(GREY, (share) => share / 127.5)
  return { dims: [1, 3, 1, 1], filters, bias: Float32Array.of(-1), groups: 1 }
}

function valueAt({ values }: Translation, name: string): GraphValue {
  const value = values.get(name)
  if (value === undefined) throw new Error(`emotion: there is no node '${name}'.`)
  return value
}
