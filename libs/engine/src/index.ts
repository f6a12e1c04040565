export type { ExecutionProvider } from './execution-provider.ts'
export { countingFaces } from './main/counting-faces.ts'
export type { OnnxFaceEngine } from './main/onnx-face-engine.ts'
export {
  type EngineDeath,
  type OnnxFaceEngineConfig,
  openOnnxFaceEngine,
} from './main/open-onnx-face-engine.ts'
export { findPackId } from './packs/find-pack-id.ts'
export { inspectPack } from './packs/inspect-pack.ts'
export { type OpenedPack, type OpenPackOptions, openPack, type PackProgress } from './packs/open-pack.ts'
export { type PackManifest, packIdOf } from './packs/pack-manifest.ts'
