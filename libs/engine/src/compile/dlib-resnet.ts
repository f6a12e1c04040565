import { type ConvolutionWeights, convolutionWeights, foldAffine, foldInput } from './convolution-weights.ts'
import type { NamedWeights } from './named-weights.ts'
import { type GraphValue, OnnxGraph } from './onnx-graph.ts'
import type { OnnxAttribute, OnnxModel } from './onnx-writer.ts'

/** Mean of red, green and blue in the pictures the network was trained on, 0..255. */
const MEAN_RGB = [122.782, 117.001, 104.298]

type Block = {
  readonly name: string
  /** A block that halves the size; the others keep it. */
  readonly down?: {
    /** Channels of the block's input; where its output has more, the shortcut's others are zero. */
    readonly channels: number
    /** Rows and columns of zeros that the convolved half lacks at the end. */
    readonly edge: 0 | 1
  }
}

/** Groups in order. The sides after each group are 35, 17, 8, 4, 2. */
const BLOCKS: readonly Block[] = [
  { name: 'conv32_1' },
  { name: 'conv32_2' },
  { name: 'conv32_3' },
  { name: 'conv64_down', down: { channels: 32, edge: 0 } },
  { name: 'conv64_1' },
  { name: 'conv64_2' },
  { name: 'conv64_3' },
  { name: 'conv128_down', down: { channels: 64, edge: 0 } },
  { name: 'conv128_1' },
  { name: 'conv128_2' },
  { name: 'conv256_down', down: { channels: 128, edge: 1 } },
  { name: 'conv256_1' },
  { name: 'conv256_2' },
  { name: 'conv256_down_out', down: { channels: 256, edge: 1 } },
]

/** dlib's face recognition ResNet, as in `@vladmandic/face-api`.
 *
 *  Input `pixels` float32 [batch, 3, 150, 150], RGB 0..255.
 *
 *  Output `features` float32 [batch, 128], not of unit length. */
export function buildDlibResnet(weights: NamedWeights): OnnxModel {
  const graph = new OnnxGraph('dlib-resnet')
  const pixels = graph.input({ name: 'pixels', elementType: 'float32', dims: ['batch', 3, 150, 150] })
  const first = foldInput(scaled(weights, 'conv32_down'), MEAN_RGB, 1 / 255)
  let x = graph.relu(graph.convolution(pixels, first, { stride: 2, padding: 'valid' }))
  x = graph.node('MaxPool', [x], pool(3))
  for (const block of BLOCKS) x = buildBlock(graph, weights, { x, block })
  const { dims, data } = weights.take('fc')
  const features = graph.node('MatMul', [graph.globalMean(x), graph.floats(dims, data)])
  graph.output('features', features, ['batch', 128])
  weights.assertUsedUp()
  return graph.toModel()
}

type BlockInput = { readonly x: GraphValue; readonly block: Block }

function buildBlock(graph: OnnxGraph, weights: NamedWeights, { x, block }: BlockInput): GraphValue {
  const conv1 = scaled(weights, `${block.name}/conv1`)
  const conv2 = scaled(weights, `${block.name}/conv2`)
  const { down } = block
  if (!down) {
    const inner = graph.relu(graph.convolution(x, conv1, { padding: 'same' }))
    return graph.relu(graph.add(graph.convolution(inner, conv2, { padding: 'same' }), x))
  }
  const inner = graph.relu(graph.convolution(x, conv1, { stride: 2, padding: 'valid' }))
  const convolved = padEdge(graph, graph.convolution(inner, conv2, { padding: 'same' }), down.edge)
  const pooled = graph.node('AveragePool', [x], pool(2))
  return graph.relu(graph.add(convolved, widen(graph, pooled, [down.channels, conv2.bias.length])))
}

/** Zeros after the last row and column. */
function padEdge(graph: OnnxGraph, x: GraphValue, edge: number): GraphValue {
  return edge === 0 ? x : graph.node('Pad', [x, graph.integers([0, 0, 0, 0, 0, 0, edge, edge])])
}

/** Channels of zeros after the last. As a convolution with the identity and not as padding, because onnxruntime
 *  then keeps its blocked layout and adds the shortcut within the convolution before it. */
function widen(graph: OnnxGraph, x: GraphValue, [from, to]: readonly [number, number]): GraphValue {
  if (from === to) return x
  const filters = new Float32Array(to * from)
  for (let channel = 0; channel < from; channel++) filters[channel * from + channel] = 1
  const identity = { dims: [to, from, 1, 1], filters, bias: new Float32Array(to), groups: 1 } as const
  return graph.convolution(x, identity, { padding: 'valid' })
}

/** A convolution with its bias and dlib's affine layer, which stands where others have a batch norm. */
function scaled(weights: NamedWeights, name: string): ConvolutionWeights {
  const filter = weights.take(`${name}/conv/filters`)
  const convolution = convolutionWeights(filter, weights.take(`${name}/conv/bias`))
  const scale = weights.take(`${name}/scale/weights`)
  return foldAffine(convolution, scale.data, weights.take(`${name}/scale/biases`).data)
}

function pool(side: number): Record<string, OnnxAttribute> {
  return {
    kernel_shape: { type: 'ints', value: [side, side] },
    strides: { type: 'ints', value: [2, 2] },
  }
}
