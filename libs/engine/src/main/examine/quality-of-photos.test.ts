import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  checksOf,
  type DetectedFace,
  type DetectionRequest,
  detectFaces,
  type FaceEngine,
  QUALITY_NAMES,
  type QualityCheck,
  type QualityName,
  rangeOf,
} from '@semblance/core'
import { findSharedData } from '@semblance/testkit'
import sharp, { type Sharp } from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPack } from '../../packs/open-pack.ts'
import { openOnnxFaceEngine } from '../open-onnx-face-engine.ts'

const shared = findSharedData()
const PHOTOS = join(shared ?? '', 'photos')
const STRAIGHT = 'timesler-facenet-pytorch/data/test_images/paul_rudd/1.jpg'
const LOOKING_DOWN = 'exadel-CompreFace/embedding-calculator/sample_images/003_A.jpg'
const TURNED = 'deepinsight-insightface/cpp-package/inspireface/test_res/data/RD/d4.jpeg'
const hasPhotos = shared !== null

let engine: FaceEngine
beforeAll(async () => {
  const root = join(import.meta.dirname, '../../../../..')
  const folders = { packsFolder: join(root, 'models'), modelsFolder: join(root, 'models/.cache') }
  const pack = await openPack({ ...folders, packId: 'builtin@2' })
  const limits = { maxPixels: 50_000_000, maxFaces: 64 }
  engine = await openOnnxFaceEngine({ pack, threads: 2, limits, observe: () => {} })
}, 120_000)
afterAll(() => engine.close())

async function detect(picture: Uint8Array, request: Partial<DetectionRequest> = {}): Promise<DetectedFace> {
  const whole = { faces: 'central', crop: null, quality: null, attributes: [], ...request } as const
  const outcome = await detectFaces({ engine }, { picture, request: whole }, { lane: 'search' })
  if (outcome.outcome !== 'detected') throw new Error(outcome.outcome)
  return outcome.faces[0]!
}

interface Frame {
  /** Between the eyes, px. */
  readonly eyes: number
  readonly width: number
  readonly height: number
  /** Middle of the eyes, as shares of width and height. */
  readonly at: { readonly x: number; readonly y: number }
}

const FRAME: Frame = { eyes: 280, width: 1200, height: 1600, at: { x: 0.5, y: 0.47 } }

/** Quick to write and to read; these tests are not about compression. */
const PNG = { compressionLevel: 1 } as const

/** A part of a photo with the face where the frame wants it; beyond the photo its edges go on. */
async function portrait(photo: Uint8Array, change: Partial<Frame> = {}): Promise<Sharp> {
  const { eyes, width, height, at } = { ...FRAME, ...change }
  const { face } = await detect(photo)
  const [one, two] = face.landmarks
  const scale = eyes / Math.hypot(two.x - one.x, two.y - one.y)
  const left = Math.round((one.x + two.x) / 2 - (at.x * width) / scale)
  const top = Math.round((one.y + two.y) / 2 - (at.y * height) / scale)
  const size = { width: Math.round(width / scale), height: Math.round(height / scale) }
  const whole = await sharp(photo).metadata()
  const beyond = {
    left: Math.max(0, -left),
    top: Math.max(0, -top),
    right: Math.max(0, left + size.width - whole.autoOrient.width),
    bottom: Math.max(0, top + size.height - whole.autoOrient.height),
  }
  const wide = await sharp(photo)
    .autoOrient()
    .extend({ ...beyond, extendWith: 'copy' })
    .png(PNG)
    .toBuffer()
  const region = { left: left + beyond.left, top: top + beyond.top, ...size }
  const cut = await sharp(wide).extract(region).resize(width, height, { fit: 'fill' }).png(PNG).toBuffer()
  return sharp(cut)
}

const original = (path: string) => readFile(join(PHOTOS, path))
/** Each frame is cut once. */
const cuts = new Map<string, Promise<Buffer>>()
async function straight(change: Partial<Frame> = {}): Promise<Sharp> {
  const frame = JSON.stringify(change)
  const cut =
    cuts.get(frame) ?? original(STRAIGHT).then(async (photo) => (await portrait(photo, change)).toBuffer())
  cuts.set(frame, cut)
  return sharp(await cut)
}

/** A document's sizes, and our own idea of the rest. */
const CHECKS: readonly QualityCheck[] = QUALITY_NAMES.map((name) => ({
  name,
  range: rangeOf(name, name.startsWith('Image') || name === 'PaddingRatio' ? 'icao' : 'recommended'),
}))

async function violated(picture: Sharp, request: Partial<DetectionRequest> = {}): Promise<QualityName[]> {
  const { quality } = await detect(await picture.png(PNG).toBuffer(), { quality: CHECKS, ...request })
  return [...quality!.nonCompliant]
}

const CROP = { ratio: { width: 3, height: 4 }, size: null, padColor: [0, 0, 0] } as const

describe.skipIf(!hasPhotos)('a good portrait', () => {
  it('violates nothing of the seventeen that can be told', async () => {
    expect(await violated(await straight(), { crop: CROP })).toEqual([])
  }, 60_000)
})

describe.skipIf(!hasPhotos)('a portrait made to violate one characteristic violates just that one', () => {
  const made: Record<string, () => Promise<Sharp>> = {
    ImageWidth: async () => (await straight()).extract({ left: 5, top: 0, width: 1190, height: 1600 }),
    ImageHeight: async () => (await straight()).extract({ left: 0, top: 5, width: 1200, height: 1590 }),
    ImageWidthToHeight: async () => straight({ height: 1640 }),
    ImageChannelsNumber: async () => (await straight()).greyscale().toColourspace('b-w'),
    FaceMidPointHorizontalPosition: () => straight({ at: { x: 0.57, y: 0.47 } }),
    FaceMidPointVerticalPosition: () => straight({ at: { x: 0.5, y: 0.42 } }),
    HeadWidthRatio: () => straight({ width: 1280, eyes: 275 }),
    HeadHeightRatio: () => straight({ eyes: 385 }),
    Yaw: async () => portrait(await original(TURNED)),
    Pitch: async () => portrait(await original(LOOKING_DOWN), { eyes: 300 }),
    Roll: async () =>
      portrait(
        await sharp(await original(STRAIGHT))
          .autoOrient()
          .rotate(-14)
          .png(PNG)
          .toBuffer(),
      ),
    // The points of the jaw move inwards by both, so the head is a little larger.
    BlurLevel: async () => (await straight({ eyes: 290 })).blur(16),
    TooDark: async () => (await straight()).linear(0.2, 0),
    TooLight: async () => (await straight({ eyes: 290 })).linear(1.8, 0),
    OtherFaces: async () => {
      const small = await (await straight()).resize(240, 320).png(PNG).toBuffer()
      return (await straight()).composite([{ input: small, left: 0, top: 0 }])
    },
  }

  it.each(Object.keys(made))('%s', async (name) => {
    expect(await violated(await made[name]!())).toEqual([name])
  }, 60_000)

  it('PaddingRatio, if a crop is asked for', async () => {
    const near = await straight({ eyes: 310 })
    expect(await violated(near, { crop: CROP })).toEqual(['PaddingRatio'])
    expect(await violated(near)).toEqual([])
  }, 60_000)

  it('EyesDistance, where the size of the picture is free', async () => {
    const small = await straight({ eyes: 85, width: 360, height: 480 })
    const { quality } = await detect(await small.png(PNG).toBuffer(), { quality: checksOf('recommended') })
    expect(quality!.nonCompliant).toEqual(['EyesDistance'])
  }, 60_000)
})
