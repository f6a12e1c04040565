import type { OnnxFile, OnnxOperation } from './onnx-file/read-onnx.ts'
import { OnnxTranslation } from './onnx-file/translate-onnx.ts'
import { type GraphValue, OnnxGraph } from './onnx-graph.ts'
import type { OnnxModel } from './onnx-writer.ts'

/** `onnx.TensorProto.DataType` of float32. */
const FLOAT32 = 1

/** Ultra-Light-Fast RFB-320, `fr_detect.onnx` of `faceplugin-face-recognition-js`: for pictures of any size. What decodes
 *  the boxes is left out: it was written for one size.
 *
 *  Input `pixels` uint8 [1, height, width, 3], RGB; brought to about -1..1 within the graph, before the padding of the
 *  first convolution.
 *
 *  Output `scores` float32 [1, priors, 2], probabilities of no face and face, and `encodings` float32 [1, priors, 4]. */
export function buildRfb320(file: OnnxFile): OnnxModel {
  const graph = new OnnxGraph('rfb-320')
  const bytes = graph.input({ name: 'pixels', elementType: 'uint8', dims: [1, 'height', 'width', 3] })
  const floats = graph.node('Cast', [bytes], { to: { type: 'int', value: FLOAT32 } })
  const planes = graph.node('Transpose', [floats], { perm: { type: 'ints', value: [0, 3, 1, 2] } })
  const translation = new OnnxTranslation(graph, file, graph.normalise(planes, 127, 128))
  const scores = writeHeads({ graph, file, translation }, { joined: '461', values: 2 })
  const encodings = writeHeads({ graph, file, translation }, { joined: '462', values: 4 })
  graph.output('scores', graph.node('Softmax', [scores], { axis: { type: 'int', value: 2 } }), [
    1,
    'priors',
    2,
  ])
  graph.output('encodings', encodings, [1, 'priors', 4])
  return graph.toModel()
}

interface Writing {
  readonly graph: OnnxGraph
  readonly file: OnnxFile
  readonly translation: OnnxTranslation
}

/** The heads of all levels as rows, one a prior. The file computes their shapes; ours are the same for any size. */
function writeHeads(
  { graph, file, translation }: Writing,
  { joined, values }: { readonly joined: string; readonly values: number },
): GraphValue {
  const maker = (name: string | undefined, operator: string): OnnxOperation => {
    const found = file.operations.find((one) => one.operator === operator && one.outputs[0] === name)
    if (found === undefined) throw new Error(`rfb-320: ${operator} does not make '${name}'.`)
    return found
  }
  const rows = maker(joined, 'Concat').inputs.map((level) => {
    const [head = ''] = maker(maker(level, 'Reshape').inputs[0], 'Transpose').inputs
    const last = graph.node('Transpose', [translation.valueOf(head)], {
      perm: { type: 'ints', value: [0, 2, 3, 1] },
    })
    return graph.node('Reshape', [last, graph.integers([1, -1, values])])
  })
  return graph.node('Concat', rows, { axis: { type: 'int', value: 1 } })
}
