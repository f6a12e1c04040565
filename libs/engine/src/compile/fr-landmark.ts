import type { OnnxFile } from './onnx-file/read-onnx.ts'
import { OnnxTranslation } from './onnx-file/translate-onnx.ts'
import { OnnxGraph } from './onnx-graph.ts'
import type { OnnxModel } from './onnx-writer.ts'

/** How much of red, green and blue is in the grey that the network reads, each 0..255, and what 1 is there. */
const GREY = [0.299, 0.587, 0.114]
const FULL = 256

/** 68 points of a face, `fr_landmark.onnx` of `faceplugin-face-recognition-js`.
 *
 *  Input `pixels` float32 [batch, 3, 64, 64], RGB 0..255 of a square crop; made grey within the graph.
 *
 *  Output `points` float32 [batch, 136]: x and y of each point as fractions of the crop. */
export function buildFrLandmark(file: OnnxFile): OnnxModel {
  const graph = new OnnxGraph('fr-landmark')
  const pixels = graph.input({ name: 'pixels', elementType: 'float32', dims: ['batch', 3, 64, 64] })
  const filters = Float32Array.from(GREY, (share) => share / FULL)
  const weights = { dims: [1, 3, 1, 1], filters, bias: new Float32Array(1), groups: 1 } as const
  const grey = graph.convolution(pixels, weights, { padding: 'valid' })
  const translation = new OnnxTranslation(graph, file, grey)
  graph.output('points', translation.valueOf('output'), ['batch', 136])
  return graph.toModel()
}
