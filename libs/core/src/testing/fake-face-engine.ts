import type { Calibration } from '../calibration.ts'
import type { Descriptor } from '../descriptor.ts'
import { type FaceQuality, QUALITY_PARTS } from '../detection/face-quality.ts'
import type { PackId } from '../ids.ts'
import type { ImpostorTail } from '../impostor-tail.ts'
import type {
  Effort,
  ExaminedFirstFace,
  ExamineFacesRequest,
  ExamineReport,
  Face,
  FaceEngine,
  FaceReport,
  FindFacesRequest,
  PictureFault,
  PictureInfo,
  ResizeOutcome,
  ResizeRequest,
} from '../ports/face-engine.ts'
import { aDescriptor, TEST_PACK } from './builders/a-descriptor.ts'

/** What a picture of the fake engine shows; its bytes are this as JSON. */
export interface FakeScene {
  /** Who is in it, the most central one first; nobody: a picture without a face. */
  readonly identities: readonly string[]
  /** Pictures of one person that differ in this are alike, not the same. */
  readonly variation: number
  /** Pixels of the longer side. */
  readonly side: number
}

/** A tenth for each 0.1 of cosine, through one in 100,000 at 0.6. */
const FAKE_TAIL: ImpostorTail = [
  { cosine: 0.1, rate: 1 },
  { cosine: 0.9, rate: 1e-8 },
]

/** Above what strangers reach, far below what two pictures of one person have. */
export const FAKE_CALIBRATION: Calibration = {
  richCheap: 0.6,
  cheapCheap: 0.6,
  richRich: 0.6,
  impostorTails: { richCheap: FAKE_TAIL, cheapCheap: FAKE_TAIL, richRich: FAKE_TAIL },
}

/** Length of the fake engine's descriptors, and of those that a test gallery takes. */
export const FAKE_DIMENSIONS = 128
const MAX_SIDE = 10_000
/** What a crop says, before the name of the one in it. */
const CROP_OF = 'crop of '
const CROP_SCENE: FakeScene = { identities: [], variation: 0, side: 80 }
/** Length of what tells two pictures of one person apart, beside a face of length 1: a cosine of about 0.96. */
const VARIATION = 0.2
/** The same for the two efforts on one face: a cosine of about 0.997. */
const CHEAPNESS = 0.08

/** Bytes that the fake engine takes for a picture of these people. */
export function aPicture(scene: Partial<FakeScene> = {}): Uint8Array {
  const { identities = ['ada'], variation = 0, side = 400 } = scene
  return new TextEncoder().encode(JSON.stringify({ identities, variation, side }))
}

/** Knows who is in a picture because the picture says so. Anything that is not `aPicture` is undecodable. */
export function createFakeFaceEngine(): FaceEngine {
  return {
    packId: TEST_PACK,
    dimensions: FAKE_DIMENSIONS,
    calibration: FAKE_CALIBRATION,
    isDead: false,
    findFaces: async (picture, request, { signal }) => {
      signal?.throwIfAborted()
      return reportOf(picture, request)
    },
    examineFaces: async (picture, request, { signal }) => {
      signal?.throwIfAborted()
      return examined(picture, request)
    },
    describeFace: async (picture, { face, effort }, { signal }) => {
      signal?.throwIfAborted()
      const scene = sceneOf(picture)
      // The box's place stands for the face, as in a real picture.
      return fakeDescriptor(scene?.identities[face.box.x / 100] ?? 'nobody', scene?.variation ?? 0, effort)
    },
    resize: async (picture, request, { signal }) => {
      signal?.throwIfAborted()
      return resized(picture, request)
    },
    contentTypeOf: (picture) => (sceneOf(picture) === null ? null : 'image/jpeg'),
    close: async () => {},
  }
}

export interface AnotherPack {
  readonly packId: PackId
  /** It sees no face in a picture of one of these. */
  readonly blindTo?: readonly string[]
  /**
   * `few`: it counts the central face alone unless all are to be counted, as a detector does that stops at the first one.
   * `central`: it finds no other face, whatever is asked. `all` by default.
   */
  readonly sees?: 'all' | 'few' | 'central'
}

/** The same engine as another pack: its descriptors are of that pack. */
export function ofAnotherPack(
  engine: FaceEngine,
  { packId, blindTo = [], sees = 'all' }: AnotherPack,
): FaceEngine {
  const own = <T extends { readonly descriptor: Descriptor }>(made: T): T => ({
    ...made,
    descriptor: { packId, values: made.descriptor.values },
  })
  const isBlind = (picture: Uint8Array) =>
    sceneOf(picture)?.identities.some((identity) => blindTo.includes(identity)) === true
  return {
    ...engine,
    packId,
    findFaces: async (picture, request, work) => {
      const report = await engine.findFaces(picture, request, work)
      if (report.outcome !== 'faces') return report
      if (isBlind(picture)) return { outcome: 'no-face', picture: report.picture }
      const [first, ...others] = report.faces
      const isCountedAlone = sees === 'central' || (sees === 'few' && request.countsEveryFace !== true)
      return {
        ...report,
        faces: [own(first), ...(sees === 'central' ? [] : others.map(own))],
        ...(isCountedAlone && report.examined !== undefined && { examined: countedAlone(report.examined) }),
      }
    },
    describeFace: async (picture, request, work) => {
      const { values } = await engine.describeFace(picture, request, work)
      return { packId, values }
    },
  }
}

function countedAlone({ picture, face }: ExaminedFirstFace): ExaminedFirstFace {
  return { picture: { ...picture, faceCount: 1 }, face }
}

/** Parts of a face of which nothing is bad. */
export const GOOD_PARTS = Object.fromEntries(QUALITY_PARTS.map((part) => [part, 100])) as FaceQuality['parts']

/** The same engine, of a pack that judges faces: each is of this quality. */
export function ofQuality(engine: FaceEngine, quality: FaceQuality): FaceEngine {
  const own = <T extends object>(face: T): T => ({ ...face, quality })
  const { findFaces, examineFaces } = engine
  return {
    ...engine,
    findFaces: async (picture, request, work) => {
      const report = await findFaces(picture, request, work)
      if (report.outcome !== 'faces') return report
      const [first, ...others] = report.faces
      return { ...report, faces: [own(first), ...others.map(own)] }
    },
    examineFaces: async (picture, request, work) => {
      const report = await examineFaces(picture, request, work)
      if (report.outcome !== 'faces' || request.judgeFaces !== true) return report
      const [first, ...others] = report.faces
      return { ...report, faces: [own(first), ...others.map(own)] }
    },
  }
}

/** What the fake engine makes of a face. */
export function fakeDescriptor(identity: string, variation: number, effort: Effort): Descriptor {
  const parts: readonly (readonly [string, number])[] = [
    [identity, 1],
    [`${identity} ${variation}`, VARIATION],
    ...(effort === 'cheap' ? [[`${identity} ${variation} cheap`, CHEAPNESS] as const] : []),
  ]
  const sum = new Float64Array(FAKE_DIMENSIONS)
  for (const [text, length] of parts) {
    const { values } = aDescriptor(seedOf(text), { dimensions: FAKE_DIMENSIONS })
    for (let i = 0; i < FAKE_DIMENSIONS; i++) sum[i]! += values[i]! * length
  }
  const length = Math.hypot(...sum)
  return { packId: TEST_PACK, values: Float32Array.from(sum, (value) => value / length) }
}

function reportOf(picture: Uint8Array, request: FindFacesRequest): FaceReport {
  const scene = sceneOf(picture)
  const fault = faultOf(scene)
  if (scene === null || fault !== null) return fault ?? { outcome: 'undecodable' }
  const found = request.faces === 'central' ? scene.identities.slice(0, 1) : scene.identities
  const [first, ...others] = found.map((identity, i) => faceOf(scene, { identity, i, request }))
  if (first === undefined) return { outcome: 'no-face', picture: infoOf(scene) }
  const report = { outcome: 'faces', picture: infoOf(scene), faces: [first, ...others] } as const
  if (request.examineFirst !== true) return report
  const looks = { ...request, measurePixels: true, needsFaceCount: true, attributes: [] }
  const examined = examinedFirst(picture, looks)
  return examined === null ? report : { ...report, examined }
}

function examinedFirst(picture: Uint8Array, request: ExamineFacesRequest): ExaminedFirstFace | null {
  const report = examined(picture, { ...request, faces: 'central' })
  return report.outcome === 'faces' ? { picture: report.picture, face: report.faces[0] } : null
}

function faceOf(
  scene: FakeScene,
  which: { readonly identity: string; readonly i: number; readonly request: FindFacesRequest },
): Face {
  const { identity, i, request } = which
  const x = i * 100
  const point = { x, y: 0 }
  return {
    box: { x, y: 0, width: 80, height: 80 },
    boxInPicture: { x, y: 0, width: 80, height: 80 },
    score: 0.9,
    landmarks: [point, point, point, point, point],
    rotationAngle: 0,
    landmarkDisagreement: 0.02,
    descriptor: fakeDescriptor(identity, scene.variation, request.effort),
    crop: request.crop === null ? null : new TextEncoder().encode(`${CROP_OF}${identity}`),
  }
}

/** The same faces as `reportOf` finds, each of even looks: neutral, thirty, sharp and well lit. */
function examined(picture: Uint8Array, request: ExamineFacesRequest): ExamineReport {
  const { crop, attributes, measurePixels, needsFaceCount } = request
  const report = reportOf(picture, { faces: request.faces, effort: 'cheap', crop })
  if (report.outcome !== 'faces') return report
  const everyone = sceneOf(picture)?.identities.length ?? 0
  const faceCount = needsFaceCount || request.faces === 'all' ? everyone : null
  const [first, ...others] = report.faces.map(({ descriptor: _, ...face }) => ({
    ...face,
    contour: null,
    paddingRatio: 0,
    pixels: measurePixels ? { blur: 0.2, dark: 0, light: 0 } : null,
    attributes: {
      age: attributes.includes('age') ? { from: 28, to: 32 } : null,
      emotion: attributes.includes('emotion') ? { expression: 'neutral', neutral: 0.9 } : null,
    },
  }))
  if (first === undefined) return { outcome: 'no-face', picture: report.picture }
  return {
    outcome: 'faces',
    picture: { ...report.picture, channels: 3, faceCount },
    faces: [first, ...others],
  }
}

function resized(picture: Uint8Array, request: ResizeRequest): ResizeOutcome {
  if (isCrop(picture)) return { outcome: 'resized', bytes: picture, picture: infoOf(CROP_SCENE) }
  const scene = sceneOf(picture)
  const fault = faultOf(scene)
  if (scene === null || fault !== null) return fault ?? { outcome: 'undecodable' }
  const side = Math.min(scene.side, request.width ?? scene.side, request.height ?? scene.side)
  if (side === scene.side) return { outcome: 'resized', bytes: picture, picture: infoOf(scene) }
  const small = { ...scene, side }
  return { outcome: 'resized', bytes: aPicture(small), picture: infoOf(small) }
}

function isCrop(picture: Uint8Array): boolean {
  return new TextDecoder().decode(picture).startsWith(CROP_OF)
}

function faultOf(scene: FakeScene | null): PictureFault | null {
  if (scene === null) return { outcome: 'undecodable' }
  if (scene.side > MAX_SIDE) return { outcome: 'too-many-pixels', maxPixels: MAX_SIDE * MAX_SIDE }
  return null
}

function infoOf({ side }: FakeScene): PictureInfo {
  return { contentType: 'image/jpeg', width: side, height: side }
}

function sceneOf(picture: Uint8Array): FakeScene | null {
  try {
    const scene = JSON.parse(new TextDecoder().decode(picture))
    return typeof scene?.side === 'number' ? scene : null
  } catch {
    return null
  }
}

/** FNV-1a, 32 bits. */
function seedOf(text: string): number {
  let hash = 0x811c9dc5
  for (const character of text) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193)
  return hash
}
