import { readdirSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Box,
  cosineBetween,
  type Descriptor,
  type Face,
  type FaceEngine,
  type FaceReport,
} from '@semblance/core'
import { findSharedData, sizeOf } from '@semblance/testkit'
import sharp, { type Sharp } from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { iou } from '../geometry/boxes.ts'
import { openPack } from '../packs/open-pack.ts'
import { openOnnxFaceEngine } from './open-onnx-face-engine.ts'

/** Without photos only these tests are skipped. */
const shared = findSharedData()
const PHOTOS = join(shared ?? '', 'photos')
const LFW = join(shared ?? '', 'lfw-dev/images')
const COMPREFACE = 'exadel-CompreFace/embedding-calculator/sample_images'
const INSPIREFACE = 'deepinsight-insightface/cpp-package/inspireface/test_res/data'
const AGEITGEY = 'ageitgey-face_recognition/examples'
const hasPhotos = shared !== null
/** In the gallery, beside the ten who are looked for. */
const OTHERS = sizeOf({ ci: 60, slow: 200 })

/** Made by this test with SEMBLANCE_WRITE_GOLDEN=1 from three of those photos, for each pack; numbers only. */
const GOLDEN = join(import.meta.dirname, 'golden-faces.json')

/** Of the default pack. */
let engine: FaceEngine
/** Of the pack that was the default before. */
let former: FaceEngine

async function open(packId: string): Promise<FaceEngine> {
  const root = join(import.meta.dirname, '../../../..')
  const pack = await openPack({
    packsFolder: join(root, 'models'),
    modelsFolder: join(root, 'models/.cache'),
    packId,
  })
  const limits = { maxPixels: 50_000_000, maxFaces: 64 }
  return openOnnxFaceEngine({ pack, threads: 2, limits, observe: () => {} })
}

beforeAll(async () => {
  engine = await open('builtin@2')
  former = await open('builtin@1')
}, 120_000)

afterAll(() => Promise.all([engine.close(), former.close()]))

type Found = Extract<FaceReport, { outcome: 'faces' }>

async function find(
  picture: Uint8Array,
  request: Partial<Parameters<FaceEngine['findFaces']>[1]> = {},
  by = engine,
): Promise<Found> {
  const whole = { faces: 'central', effort: 'cheap', crop: null, ...request } as const
  const report = await by.findFaces(picture, whole, { lane: 'search' })
  if (report.outcome !== 'faces') throw new Error(report.outcome)
  return report
}

async function central(picture: Uint8Array, effort: 'cheap' | 'rich' = 'cheap', by = engine): Promise<Face> {
  return (await find(picture, { effort }, by)).faces[0]
}

function photo(path: string): Promise<Buffer> {
  return readFile(join(PHOTOS, path))
}

function centreOf({ x, y, width, height }: Box): readonly [number, number] {
  return [x + width / 2, y + height / 2]
}

function lengthOf({ values }: Descriptor): number {
  return Math.hypot(...values)
}

describe.skipIf(!hasPhotos)('faces in photos', () => {
  const OBAMA = `${AGEITGEY}/obama.jpg`

  it('gives the box, the points, the turn and a descriptor of unit length', async () => {
    const { picture, faces } = await find(await photo(OBAMA))
    expect(picture).toEqual({ contentType: 'image/jpeg', width: 910, height: 1137 })
    const [{ box, landmarks, rotationAngle, descriptor, score, crop }] = faces
    for (const { x, y } of landmarks) {
      expect(x > box.x && x < box.x + box.width).toBe(true)
      expect(y > box.y && y < box.y + box.height).toBe(true)
    }
    const [left, right, nose, leftMouth] = landmarks
    expect(left.x).toBeLessThan(right.x)
    expect(left.y).toBeLessThan(nose.y)
    expect(nose.y).toBeLessThan(leftMouth.y)
    expect(Math.abs(rotationAngle)).toBeLessThan(10)
    expect(score).toBeGreaterThan(0.9)
    expect(descriptor.packId).toBe(engine.packId)
    expect(descriptor.values).toHaveLength(engine.dimensions)
    expect(lengthOf(descriptor)).toBeCloseTo(1, 5)
    expect(crop).toBeNull()
  })

  it.each([
    ['the same person', `${AGEITGEY}/obama2.jpg`, true],
    ['another person', `${AGEITGEY}/biden.jpg`, false],
  ])('tells %s', async (_, other, isSame) => {
    const enrolled = await central(await photo(OBAMA), 'rich')
    const probe = await central(await photo(other))
    const cosine = cosineBetween(enrolled.descriptor, probe.descriptor)
    expect(cosine >= engine.calibration.richCheap).toBe(isSame)
  })

  it('the same photo at a quarter of the size is the same person', async () => {
    const bytes = await photo(OBAMA)
    const small = await sharp(bytes).resize(228).jpeg().toBuffer()
    const [one, other] = [await central(bytes), await central(small)]
    expect(cosineBetween(one.descriptor, other.descriptor)).toBeGreaterThan(engine.calibration.cheapCheap)
  })

  it.each([
    ['000_5.jpg', 5],
    ['007_B.jpg', 1],
    ['010_2.jpg', 2],
    ['011_3.jpg', 3],
    ['012_4.jpg', 4],
    ['014_5.jpg', 5],
    ['015_6.jpg', 6],
    ['016_8.jpg', 8],
  ])('finds all faces of %s: %i, largest first', async (file, count) => {
    const { faces } = await find(await photo(`${COMPREFACE}/${file}`), { faces: 'all' })
    expect(faces).toHaveLength(count)
    const areas = faces.map(({ box }) => box.width * box.height)
    expect(areas).toEqual(areas.toSorted((one, other) => other - one))
  })

  it('finds no face where there is none', async () => {
    const request = { faces: 'all', effort: 'cheap', crop: null } as const
    const report = await engine.findFaces(await photo(`${COMPREFACE}/017_0.jpg`), request, { lane: 'search' })
    expect(report).toEqual({
      outcome: 'no-face',
      picture: { contentType: 'image/jpeg', width: 565, height: 339 },
    })
  })

  it('the central face of a group is among all its faces, and no other is nearer to the centre by much', async () => {
    const bytes = await photo(`${COMPREFACE}/016_8.jpg`)
    const [{ box }] = (await find(bytes)).faces
    const all = (await find(bytes, { faces: 'all' })).faces
    const distance = (face: Box): number => Math.hypot(centreOf(face)[0] - 400, centreOf(face)[1] - 266)
    expect(Math.max(...all.map((face) => iou(face.box, box)))).toBeGreaterThan(0.6)
    expect(distance(box)).toBeLessThan(Math.min(...all.map((face) => distance(face.box))) + 54)
  })

  it.each([
    ['000_5.jpg', 5],
    ['007_B.jpg', 1],
    ['010_2.jpg', 2],
    ['012_4.jpg', 4],
  ])('examines the face that it took of %s, and counts all of a small picture, if asked', async (file, count) => {
    const bytes = await sharp(await photo(`${COMPREFACE}/${file}`))
      .resize(640, 640, { fit: 'inside', withoutEnlargement: true })
      .toBuffer()
    const report = await find(bytes, { effort: 'rich', examineFirst: true })
    expect(report.examined?.picture.faceCount).toBe(count)
    expect(report.examined?.face.box).toEqual(report.faces[0].box)
    expect(report.examined?.face.pixels).not.toBeNull()
    expect((await find(bytes)).examined).toBeUndefined()
  })

  it('tells what of a box lies in the picture', async () => {
    const close = sharp(await photo(OBAMA)).extract({ left: 380, top: 100, width: 300, height: 420 })
    const { picture, faces } = await find(await close.png().toBuffer())
    const [{ box, boxInPicture: inside }] = faces
    expect(inside.x).toBe(Math.max(0, box.x))
    expect(inside.x + inside.width).toBeCloseTo(Math.min(picture.width, box.x + box.width))
    expect(inside.y + inside.height).toBeLessThanOrEqual(picture.height)
  })

  it.each([
    'pose/left_face.jpeg',
    'pose/right_face.png',
    'pose/lower_face.jpeg',
    'pose/rise_face.jpeg',
  ])('finds the turned head of %s', async (file) => {
    expect((await central(await photo(`${INSPIREFACE}/${file}`))).score).toBeGreaterThan(0.5)
  })

  it.each([-20, 20])('says that a picture was turned by %i degrees', async (degrees) => {
    const upright = await central(await photo(OBAMA))
    const turned = await central(
      await sharp(await photo(OBAMA))
        .rotate(degrees, { background: '#888' })
        .toBuffer(),
    )
    expect(Math.abs(turned.rotationAngle - upright.rotationAngle - degrees)).toBeLessThan(3)
    expect(cosineBetween(turned.descriptor, upright.descriptor)).toBeGreaterThan(0.97)
  })

  it.each([2, 3, 4, 5, 6, 7, 8])('EXIF orientation %i makes no difference', async (orientation) => {
    const scene = await sharp(await photo(`${AGEITGEY}/obama_small.jpg`))
      .png()
      .toBuffer()
    const upright = await central(scene)
    const turned = await sharp(await inverselyTurned(scene, orientation))
      .withMetadata({ orientation })
      .png()
      .toBuffer()
    const found = await central(turned)
    expect(iou(found.box, upright.box)).toBeGreaterThan(0.99)
    expect(cosineBetween(found.descriptor, upright.descriptor)).toBeGreaterThan(0.9999)
  })

  it('a small face in a large picture is described from its own pixels', async () => {
    const face = await sharp(await photo(OBAMA))
      .resize(300)
      .toBuffer()
    const wide = { width: 5000, height: 3000, channels: 3 as const, background: '#667788' }
    const scene = await sharp({ create: wide })
      .composite([{ input: face, left: 2400, top: 1300 }])
      .jpeg()
      .toBuffer()
    const small = await central(scene)
    expect(Math.max(small.box.width, small.box.height) * (1600 / 5000)).toBeLessThan(100)
    const alone = await central(face)
    expect(cosineBetween(small.descriptor, alone.descriptor)).toBeGreaterThan(0.97)
  })

  it('describes a face again as rich without finding it again', async () => {
    const bytes = await photo(OBAMA)
    for (const by of [engine, former]) {
      const [cheap, rich] = [await central(bytes, 'cheap', by), await central(bytes, 'rich', by)]
      const again = await by.describeFace(bytes, { face: cheap, effort: 'rich' }, { lane: 'enroll' })
      expect([...again.values]).toEqual([...rich.descriptor.values])
      // The default pack describes both alike.
      if (by === former) expect(cosineBetween(cheap.descriptor, rich.descriptor)).toBeLessThan(1)
    }
  })

  it('crops to the size asked for and pads with its color', async () => {
    const crop = {
      ratio: { width: 3, height: 4 },
      size: { width: 300, height: 400 },
      padColor: [0, 255, 0],
    } as const
    const close = await sharp(await photo(OBAMA))
      .extract({ left: 300, top: 150, width: 400, height: 400 })
      .toBuffer()
    const [face] = (await find(close, { crop })).faces
    const { data, info } = await sharp(face.crop!).raw().toBuffer({ resolveWithObject: true })
    expect(info).toMatchObject({ width: 300, height: 400, channels: 3 })
    expect([...data.subarray(0, 3)].map((value) => Math.round(value / 64))).toEqual([0, 4, 0])
  })

  it.each(['builtin@1', 'builtin@2'])('the golden faces of %s have not changed', async (packId) => {
    const by = packId === 'builtin@1' ? former : engine
    const paths = [OBAMA, `${AGEITGEY}/biden.jpg`, 'espressif-esp-dl/musk1.jpg']
    const faces = await Promise.all(
      paths.map(async (path) => ({ path, face: await central(await photo(path), 'rich', by) })),
    )
    if (process.env.SEMBLANCE_WRITE_GOLDEN === '1') await writeGolden(packId, faces)
    const golden = (await readGolden())[packId] ?? []
    expect(golden.map(({ path }) => path)).toEqual(paths)
    for (const [index, { box, values }] of golden.entries()) {
      const { face } = faces[index]!
      for (const side of ['x', 'y', 'width', 'height'] as const)
        expect(Math.abs(face.box[side] - box[side])).toBeLessThan(2)
      const recorded = { packId: by.packId, values: Float32Array.from(values) }
      expect(cosineBetween(face.descriptor, recorded)).toBeGreaterThan(0.9999)
    }
  })
})

interface GoldenFace {
  readonly path: string
  readonly box: Box
  readonly values: readonly number[]
}

type Golden = Readonly<Record<string, readonly GoldenFace[]>>

async function readGolden(): Promise<Golden> {
  return JSON.parse(await readFile(GOLDEN, 'utf8'))
}

async function writeGolden(
  packId: string,
  faces: readonly { readonly path: string; readonly face: Face }[],
): Promise<void> {
  const golden = faces.map(({ path, face }) => ({
    path,
    box: face.box,
    values: [...face.descriptor.values].map((value) => Number(value.toFixed(5))),
  }))
  const lists = Object.entries({ ...(await readGolden()), [packId]: golden }).map(([pack, list]) => {
    return `"${pack}": [\n${list.map((face) => `  ${JSON.stringify(face)}`).join(',\n')}\n]`
  })
  await writeFile(GOLDEN, `{\n${lists.join(',\n')}\n}\n`)
}

/** Pixels that the EXIF orientation turns into `upright`. */
async function inverselyTurned(upright: Buffer, orientation: number): Promise<Buffer> {
  const turned = (degrees: number): Sharp => sharp(upright).rotate(degrees)
  const mirrored = async (image: Sharp): Promise<Sharp> => sharp(await image.png().toBuffer()).flop()
  const turns: Record<number, () => Promise<Sharp>> = {
    2: () => mirrored(turned(0)),
    3: async () => turned(180),
    4: () => mirrored(turned(180)),
    5: () => mirrored(turned(90)),
    6: async () => turned(270),
    7: () => mirrored(turned(270)),
    8: async () => turned(90),
  }
  return (await turns[orientation]!()).png().toBuffer()
}

describe.skipIf(!hasPhotos)(`a gallery of ${OTHERS + 10} people`, () => {
  it('finds each person first, and no stranger within the threshold', async () => {
    const albums = readdirSync(LFW).map((person) =>
      readdirSync(join(LFW, person))
        .toSorted()
        .map((file) => join(LFW, person, file)),
    )
    const targets = albums.filter((album) => album.length > 1).slice(0, 10)
    const singles = albums.filter((album) => album.length === 1).map(([path]) => path!)
    const [others, strangers] = [singles.slice(0, OTHERS), singles.slice(OTHERS, OTHERS + 10)]
    const describeAll = (paths: readonly string[], effort: 'cheap' | 'rich'): Promise<Descriptor[]> =>
      Promise.all(paths.map(async (path) => (await central(await readFile(path), effort)).descriptor))
    const gallery = [
      ...(await describeAll(
        targets.map(([first]) => first!),
        'rich',
      )),
      ...(await describeAll(others, 'cheap')),
    ]
    const nearest = (probe: Descriptor): { readonly index: number; readonly cosine: number } => {
      const cosines = gallery.map((entry) => cosineBetween(entry, probe))
      return { index: cosines.indexOf(Math.max(...cosines)), cosine: Math.max(...cosines) }
    }
    const mated = await describeAll(
      targets.map(([, second]) => second!),
      'cheap',
    )
    expect(mated.map((probe) => nearest(probe).index)).toEqual(targets.map((_, index) => index))
    const nonMated = await describeAll(strangers, 'cheap')
    for (const probe of nonMated) expect(nearest(probe).cosine).toBeLessThan(engine.calibration.richCheap)
  }, 120_000)
})
