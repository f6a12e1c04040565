import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findSharedData } from '@semblance/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { openPack } from '../packs/open-pack.ts'
import { missingTarball } from '../testing/tarball-networks.ts'
import { readTruth } from '../testing/true-faces.ts'
import type { OnnxFaceEngine } from './onnx-face-engine.ts'
import { openOnnxFaceEngine } from './open-onnx-face-engine.ts'

const MODELS = join(import.meta.dirname, '../../../../models')
const shared = findSharedData()
const photos = join(shared ?? '', 'photos')
let engine: OnnxFaceEngine | null = null

afterEach(() => engine?.close())

async function open(packId: string): Promise<void> {
  const folders = { packsFolder: MODELS, modelsFolder: join(MODELS, '.cache') }
  const pack = await openPack({ ...folders, packId })
  const limits = { maxPixels: 50_000_000, maxFaces: 200 }
  engine = await openOnnxFaceEngine({ pack, threads: 2, limits, observe: () => {} })
}

async function count(path: string, countsEveryFace: boolean): Promise<number | null> {
  const request = {
    faces: 'central',
    effort: 'rich',
    crop: null,
    examineFirst: true,
    countsEveryFace,
  } as const
  const report = await engine!.findFaces(readFileSync(join(photos, path)), request, { lane: 'bulk' })
  return report.outcome === 'faces' ? (report.examined?.picture.faceCount ?? null) : null
}

/** Photos that show several people, and those that show one, by eye. */
function photosOf(): { readonly several: string[]; readonly one: string[] } {
  const faces = [...readTruth(photos)].map(([path, truth]) => {
    const whole = truth.every(({ kind }) => kind === 'face')
    return { path, whole, faces: truth.filter(({ kind }) => kind === 'face').length }
  })
  return {
    several: faces.filter((photo) => photo.faces > 1).map(({ path }) => path),
    one: faces.filter((photo) => photo.faces === 1 && photo.whole).map(({ path }) => path),
  }
}

describe.skipIf(shared === null)('the faces of a picture that is said to show one person', () => {
  it('are all counted, small ones beside a large one as well', async (context) => {
    const missing = await missingTarball('builtin-light')
    if (missing !== null) context.skip(missing)
    await open('builtin-light')
    const { several, one } = photosOf()
    const passed: string[] = []
    const seenAlone: string[] = []
    for (const path of several) {
      if (((await count(path, true)) ?? 0) < 2) passed.push(path)
      if (((await count(path, false)) ?? 0) < 2) seenAlone.push(path)
    }
    expect(passed).toEqual([])
    // Otherwise this would prove nothing.
    expect(seenAlone.length).toBeGreaterThan(0)
    const refused: string[] = []
    for (const path of one) if ((await count(path, true)) !== 1) refused.push(path)
    expect(refused.length).toBeLessThanOrEqual(1)
  }, 120_000)

  it('are counted as ever with builtin@1, which sees small ones on the way', async () => {
    await open('builtin')
    for (const path of photosOf().several.slice(0, 4)) {
      expect(await count(path, true)).toBe(await count(path, false))
    }
  }, 60_000)
})
