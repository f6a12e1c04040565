export { type OnnxFaceEngineConfig, openOnnxFaceEngine } from './open-onnx-face-engine.ts'
export { type OpenedPack, type OpenPackOptions, openPack, type PackProgress } from './packs/open-pack.ts'
export { type PackManifest, packIdOf, packManifestSchema } from './packs/pack-manifest.ts'
