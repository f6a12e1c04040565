/** The only way to onnxruntime-node: a direct import of it elsewhere is refused by the linter. */
import './silence-runtime.ts'

export { InferenceSession, Tensor } from 'onnxruntime-node'
