import { dropDeadChannels } from './onnx-file/drop-dead-channels.ts'
import type { OnnxFile } from './onnx-file/read-onnx.ts'
import { OnnxTranslation } from './onnx-file/translate-onnx.ts'
import { OnnxGraph } from './onnx-graph.ts'
import type { OnnxModel } from './onnx-writer.ts'

/** A MobileFaceNet with 512 features, `fr_feature.onnx` of `faceplugin-face-recognition-js`: written anew.
 *
 *  Input `pixels` float32 [batch, 3, 112, 112], RGB 0..255; brought to about -1..1 within the graph.
 *
 *  Output `features` float32 [batch, 512], not of unit length. */
export function buildFrFeature(file: OnnxFile): OnnxModel {
  const graph = new OnnxGraph('fr-feature')
  const pixels = graph.input({ name: 'pixels', elementType: 'float32', dims: ['batch', 3, 112, 112] })
  const translation = new OnnxTranslation(graph, dropDeadChannels(file), graph.normalise(pixels, 127, 128))
  graph.output('features', translation.valueOf('output'), ['batch', 512])
  return graph.toModel()
}
