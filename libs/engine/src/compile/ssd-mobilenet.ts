import {
  type ConvolutionWeights,
  convolutionWeights,
  depthwiseWeights,
  foldBatchNorm,
  joinOutputs,
  selectOutputs,
} from './convolution-weights.ts'
import type { NamedWeights } from './named-weights.ts'
import { type GraphValue, OnnxGraph } from './onnx-graph.ts'
import type { OnnxModel } from './onnx-writer.ts'

const BATCH_NORM_EPSILON = 0.001

/** Stride of each of the 13 pairs of a depthwise and a pointwise convolution. */
const PAIR_STRIDES = [1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1]

/** The pair whose output, at a sixteenth of the input, feeds the first predictor. */
const FIRST_PREDICTED_PAIR = 11

/** Stride of each convolution of the head; the outputs of the odd ones feed the predictors after the second. */
const HEAD_STRIDES = [1, 2, 1, 2, 1, 2, 1, 2]

/** Anchors per cell at the predictors 0 to 5, at strides 16 to 512. Sizes: `pack.json`, from `Output/extra_dim`. */
const ANCHORS_PER_CELL = [3, 6, 6, 6, 6, 6]

/** Classes per anchor in the weights: background, face, and one that was never trained. */
const CLASSES = 3
const FACE_CLASS = 1

/** Constants of the training graph that say again what is written here. */
const UNUSED = [
  'Output/extra_dim',
  'Postprocessor/Slice/begin',
  'Postprocessor/Slice/size',
  'Postprocessor/stack/1',
  'Prediction/BoxPredictor_0/stack/3',
  'Prediction/BoxPredictor_0/stack_1/1',
  'Prediction/BoxPredictor_0/stack_1/2',
  'Prediction/BoxPredictor_0/strided_slice/stack',
  'Prediction/BoxPredictor_0/strided_slice/stack_1',
  'Prediction/BoxPredictor_1/stack_1/1',
  'Prediction/BoxPredictor_2/stack_1/1',
  'Prediction/BoxPredictor_3/stack_1/1',
  'Prediction/BoxPredictor_4/stack_1/1',
  'Prediction/BoxPredictor_5/stack_1/1',
  'Preprocessor/ResizeImage/size',
  'Preprocessor/mul/x',
  'Preprocessor/sub/y',
  'concat_1/axis',
]

/** SSD with a MobileNet v1, the detector of `@vladmandic/face-api`.
 *
 *  Input `pixels` uint8 [batch, height, width, 3], RGB 0..255: what an image decoder gives. Any size; the network
 *  was trained at 512 x 512.
 *
 *  Output `predictions` float32 [batch, anchors, 5]: the logit of "face", then the box's encoding y, x, height,
 *  width relative to its anchor. Anchors run through the predictors, then rows, columns and the cell's anchors;
 *  at stride s a predictor has ceil(height / s) x ceil(width / s) cells. 512 x 512 gives 5,118 anchors. */
export function buildSsdMobilenet(weights: NamedWeights): OnnxModel {
  const graph = new OnnxGraph('ssd-mobilenet')
  weights.discard(UNUSED)
  const pixels = graph.input({
    name: 'pixels',
    elementType: 'uint8',
    dims: ['batch', 'height', 'width', 3],
  })
  const predicted = buildBackbone(graph, weights, normalize(graph, pixels))
  buildHead(graph, weights, predicted)
  const predictions = predicted.map((features, index) => buildPredictor(graph, weights, { features, index }))
  const joined = graph.node('Concat', predictions, { axis: { type: 'int', value: 1 } })
  graph.output('predictions', joined, ['batch', 'anchors', 5])
  weights.assertUsedUp()
  return graph.toModel()
}

/** Turns the pixels into [batch, channel, height, width] while they are still bytes, then x / 127.5 - 1. */
function normalize(graph: OnnxGraph, pixels: GraphValue): GraphValue {
  const planes = graph.node('Transpose', [pixels], { perm: { type: 'ints', value: [0, 3, 1, 2] } })
  const floats = graph.node('Cast', [planes], { to: { type: 'int', value: 1 } })
  const scaled = graph.node('Mul', [floats, graph.floats([], Float32Array.of(1 / 127.5))])
  return graph.node('Sub', [scaled, graph.floats([], Float32Array.of(1))])
}

/** Features of the pair at stride 16 and of the last pair, at stride 32. */
function buildBackbone(graph: OnnxGraph, weights: NamedWeights, input: GraphValue): GraphValue[] {
  const name = 'MobilenetV1/Conv2d'
  let x = activated(graph, input, { weights: pointwise(weights, `${name}_0_pointwise`), stride: 2 })
  const predicted: GraphValue[] = []
  for (const [index, stride] of PAIR_STRIDES.entries()) {
    const pair = index + 1
    x = activated(graph, x, { weights: depthwise(weights, `${name}_${pair}_depthwise`), stride })
    x = activated(graph, x, { weights: pointwise(weights, `${name}_${pair}_pointwise`), stride: 1 })
    if (pair === FIRST_PREDICTED_PAIR || pair === PAIR_STRIDES.length) predicted.push(x)
  }
  return predicted
}

/** Adds the features at strides 64 to 512. */
function buildHead(graph: OnnxGraph, weights: NamedWeights, predicted: GraphValue[]): void {
  let x = predicted.at(-1) ?? ''
  for (const [index, stride] of HEAD_STRIDES.entries()) {
    x = activated(graph, x, { weights: pointwise(weights, `Prediction/Conv2d_${index}_pointwise`), stride })
    if (index % 2 === 1) predicted.push(x)
  }
}

type PredictorInput = { readonly features: GraphValue; readonly index: number }

function buildPredictor(
  graph: OnnxGraph,
  weights: NamedWeights,
  { features, index }: PredictorInput,
): GraphValue {
  const name = `Prediction/BoxPredictor_${index}`
  const classes = biased(weights, `${name}/ClassPredictor`)
  const boxes = biased(weights, `${name}/BoxEncodingPredictor`)
  const both = joinOutputs(classes, boxes)
  const faceThenBox = Array.from({ length: ANCHORS_PER_CELL[index] ?? 0 }, (_, anchor) => {
    const box = classes.bias.length + anchor * 4
    return [anchor * CLASSES + FACE_CLASS, box, box + 1, box + 2, box + 3]
  }).flat()
  const y = graph.convolution(features, selectOutputs(both, faceThenBox), { padding: 'same' })
  const rows = graph.node('Transpose', [y], { perm: { type: 'ints', value: [0, 2, 3, 1] } })
  return graph.node('Reshape', [rows, graph.integers([0, -1, 5])])
}

function activated(
  graph: OnnxGraph,
  x: GraphValue,
  layer: { readonly weights: ConvolutionWeights; readonly stride: number },
): GraphValue {
  const y = graph.convolution(x, layer.weights, { stride: layer.stride, padding: 'same' })
  return graph.clip(y, 0, 6)
}

/** The names say pointwise throughout, though some have 3 x 3 filters; their batch norm is folded in the package. */
function pointwise(weights: NamedWeights, name: string): ConvolutionWeights {
  const filter = weights.take(`${name}/weights`)
  return convolutionWeights(filter, weights.take(`${name}/convolution_bn_offset`))
}

function depthwise(weights: NamedWeights, name: string): ConvolutionWeights {
  return foldBatchNorm(depthwiseWeights(weights.take(`${name}/depthwise_weights`)), {
    gamma: weights.take(`${name}/BatchNorm/gamma`),
    beta: weights.take(`${name}/BatchNorm/beta`),
    mean: weights.take(`${name}/BatchNorm/moving_mean`),
    variance: weights.take(`${name}/BatchNorm/moving_variance`),
    epsilon: BATCH_NORM_EPSILON,
  })
}

function biased(weights: NamedWeights, name: string): ConvolutionWeights {
  const filter = weights.take(`${name}/weights`)
  return convolutionWeights(filter, weights.take(`${name}/biases`))
}
