import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  checksOf,
  detectFaces,
  type FaceReport,
  type GateName,
  judgeGate,
  QUALITY_GATES,
  type QualityGate,
} from '@semblance/core'
import { findSharedData } from '@semblance/testkit'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { tarballEngine } from '../../testing/tarball-engine.ts'
import { openOnnxFaceEngine } from '../open-onnx-face-engine.ts'

const shared = findSharedData()
if (shared === null) process.emitWarning('skipped: gates over photos, because there are none')
const PORTRAIT = 'timesler-facenet-pytorch/data/test_images/paul_rudd/1.jpg'
const WORK = { lane: 'enroll' } as const

const light = tarballEngine('builtin-light', { isWanted: shared !== null, open: openOnnxFaceEngine })
const photo = (path: string) => readFile(join(shared ?? '', 'photos', path))

type Found = Extract<FaceReport, { outcome: 'faces' }>

/** As an enrollment looks at it; `all`: as an import that takes the largest face. */
async function look(picture: Uint8Array, faces: 'central' | 'all' = 'central'): Promise<Found> {
  const request = { faces, effort: 'rich', crop: null, examineFirst: true } as const
  const report = await light.engine.findFaces(picture, request, WORK)
  if (report.outcome !== 'faces') throw new Error(report.outcome)
  return report
}

async function refused(picture: Uint8Array, gate: QualityGate): Promise<readonly GateName[]> {
  const { examined, faces } = await look(picture)
  const [{ quality }] = faces
  return judgeGate(gate, { examined: examined!, quality }).broken.map(({ characteristic }) => characteristic)
}

describe.skipIf(shared === null)('a gate over photos', () => {
  it('takes a good portrait, and refuses it blurred, tiny and much too light, for just that', async (context) => {
    light.require(context)
    const bytes = await photo(PORTRAIT)
    const { standard, strict } = QUALITY_GATES
    const small = await sharp(bytes).resize(250).png().toBuffer()
    expect(await refused(bytes, strict)).toEqual([])
    expect(await refused(small, strict)).toEqual([])
    expect(await refused(await sharp(small).blur(4).png().toBuffer(), standard)).toEqual(['BlurLevel'])
    expect(await refused(await sharp(bytes).resize(30).png().toBuffer(), standard)).toContain('EyesDistance')
    expect(await refused(await sharp(small).linear(2.2, 0).png().toBuffer(), standard)).toContain('TooLight')
  }, 60_000)

  it('knows how well a face can be compared, and names the part', async (context) => {
    light.require(context)
    const gate = [
      { name: 'faceQuality', range: [50, 100] },
      { name: 'faceQuality.sharpness', range: [30, 100] },
    ] as const
    const small = await sharp(await photo(PORTRAIT))
      .resize(250)
      .png()
      .toBuffer()
    expect(await refused(small, gate)).toEqual([])
    const blurred = await sharp(small).blur(8).png().toBuffer()
    expect(await refused(blurred, gate)).toEqual(['faceQuality', 'faceQuality.sharpness'])
  }, 60_000)

  it('judges what detect tells of the same picture', async (context) => {
    light.require(context)
    const picture = await photo(PORTRAIT)
    const quality = checksOf('recommended').filter(({ range }) => range !== null)
    const request = { faces: 'central', crop: null, quality, attributes: [] } as const
    const detected = await detectFaces({ engine: light.engine }, { picture, request }, WORK)
    if (detected.outcome !== 'detected') throw new Error(detected.outcome)
    const [told] = detected.faces
    const never: QualityGate = [
      { name: 'faceQuality', range: [-1, -1] },
      { name: 'faceQuality.norm', range: [-1, -1] },
      ...quality.map(({ name }) => ({ name, range: [-1e6, -1e6] as const })),
    ]
    const { examined, faces } = await look(picture)
    const { broken } = judgeGate(never, { examined: examined!, quality: faces[0].quality })
    const values = new Map(broken.map(({ characteristic, value }) => [characteristic, value]))
    expect(values.size).toBe(never.length)
    expect(values.get('faceQuality')).toBe(told?.face.quality?.value)
    expect(values.get('faceQuality.norm')).toBe(told?.face.quality?.parts.norm)
    for (const { name, value } of told?.quality?.details ?? [])
      expect([name, values.get(name)]).toEqual([name, value])
  }, 60_000)

  it('judges the largest face where that one is taken, not the central one', async (context) => {
    light.require(context)
    const large = await sharp(await photo(PORTRAIT))
      .resize(300)
      .png()
      .toBuffer()
    // A large face at the left, and a small one in the middle of the picture.
    const canvas = { width: 1000, height: 400, channels: 3, background: '#888' } as const
    const small = await sharp(await photo(PORTRAIT))
      .resize(120)
      .png()
      .toBuffer()
    const layers = [
      { input: large, left: 0, top: 0 },
      { input: small, left: 440, top: 120 },
    ]
    const picture = await sharp({ create: canvas }).composite(layers).png().toBuffer()
    const [largest, central] = [await look(picture, 'all'), await look(picture)]
    expect(largest.examined?.face.box).toEqual(largest.faces[0].box)
    expect(largest.faces[0].box.x).toBeLessThan(300)
    expect(central.examined?.face.box.x).toBeGreaterThan(400)
  }, 60_000)
})
