import { cosineBetween, type Descriptor } from '../descriptor.ts'
import type { EnrolledImage } from '../images/image.ts'
import type { Box, EngineWork, Face, FaceEngine } from '../ports/face-engine.ts'

export interface SeenFaces {
  /** As another pack found them. */
  readonly faces: readonly Face[]
  readonly picture: Uint8Array
  readonly image: EnrolledImage
}

/**
 * Of these faces the one that was enrolled, told by the pack that the image was enrolled with, which describes each where the
 * other pack has found it. Null if it is none of them, as far as that tells: the points of a face that lies on its side may
 * not be where this pack would see them. Of 132 pictures with one face, described by `builtin@1` and `builtin@2` in turn, that
 * were two, of people turned by 90 degrees; the cosine of all others is above 0.99.
 */
export async function enrolledAmong(
  own: FaceEngine,
  { faces, picture, image }: SeenFaces,
  work: EngineWork,
): Promise<Face | null> {
  const described: { readonly face: Face; readonly descriptor: Descriptor }[] = []
  for (const face of faces)
    described.push({ face, descriptor: await own.describeFace(picture, { face, effort: 'cheap' }, work) })
  return mostAlike(own, { described, image })
}

/** The same, dearer: the pack of the image finds its own face once more, and where that lies, there is the one. */
export async function enrolledByPlace(
  own: FaceEngine,
  { faces, picture, image }: SeenFaces,
  work: EngineWork,
): Promise<Face | null> {
  const enrolled = await foundAgain(own, { picture, image }, work)
  if (enrolled === null) return null
  const there = faces.filter(({ box }) => isSamePlace(box, enrolled.box))
  const [nearest = null] = there.toSorted(
    (one, other) => distance(one.box, enrolled.box) - distance(other.box, enrolled.box),
  )
  return nearest
}

/** Asked for all faces, a pack may leave out one that it takes for the central one otherwise, such as one that lies on its side. */
async function foundAgain(
  own: FaceEngine,
  { picture, image }: Omit<SeenFaces, 'faces'>,
  work: EngineWork,
): Promise<Face | null> {
  for (const faces of ['all', 'central'] as const) {
    const found = await own.findFaces(picture, { faces, effort: 'cheap', crop: null }, work)
    if (found.outcome !== 'faces') continue
    const described = found.faces.map((face) => ({ face, descriptor: face.descriptor }))
    const enrolled = mostAlike(own, { described, image })
    if (enrolled !== null) return enrolled
  }
  return null
}

function mostAlike(
  { calibration }: FaceEngine,
  given: {
    readonly described: readonly { readonly face: Face; readonly descriptor: Descriptor }[]
    readonly image: EnrolledImage
  },
): Face | null {
  let best: { readonly cosine: number; readonly face: Face } | null = null
  for (const { face, descriptor } of given.described) {
    const cosine = cosineBetween(descriptor, given.image.descriptor)
    if (best === null || cosine > best.cosine) best = { cosine, face }
  }
  return best !== null && best.cosine >= calibration.richCheap ? best.face : null
}

/** The centre of each lies within the other: detectors draw boxes of different sizes around one face. */
function isSamePlace(one: Box, other: Box): boolean {
  return holds(one, centre(other)) && holds(other, centre(one))
}

function holds({ x, y, width, height }: Box, point: { readonly x: number; readonly y: number }): boolean {
  return point.x >= x && point.x <= x + width && point.y >= y && point.y <= y + height
}

function centre({ x, y, width, height }: Box): { readonly x: number; readonly y: number } {
  return { x: x + width / 2, y: y + height / 2 }
}

function distance(one: Box, other: Box): number {
  const [a, b] = [centre(one), centre(other)]
  return Math.hypot(a.x - b.x, a.y - b.y)
}
