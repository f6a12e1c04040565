import { join } from 'node:path'
import type { OnnxFaceEngine } from '../main/onnx-face-engine.ts'
import { openOnnxFaceEngine } from '../main/open-onnx-face-engine.ts'
import { openPack } from '../packs/open-pack.ts'
import { missingTarball } from './tarball-networks.ts'

const MODELS = join(import.meta.dirname, '../../../../models')

/** An engine on two threads of a pack that is made from tarballs; a text: why there is none, for tests that are then skipped. */
export async function openTarballEngine(packId: string): Promise<OnnxFaceEngine | string> {
  const missing = await missingTarball(packId)
  if (missing !== null) return missing
  const pack = await openPack({ packsFolder: MODELS, modelsFolder: join(MODELS, '.cache'), packId })
  const limits = { maxPixels: 50_000_000, maxFaces: 200 }
  return openOnnxFaceEngine({ pack, threads: 2, limits, observe: () => {} })
}
