import type { Pixels } from '../../geometry/pixels.ts'
import {
  applySimilarity,
  composeSimilarities,
  type Similarity,
  similarityOfParts,
} from '../../geometry/similarity.ts'
import type { ChipView, Recognizer } from '../../packs/pack-manifest.ts'
import { shrunkSource, warpToPlanes } from '../pixels/warp.ts'

export interface ChipBatch {
  /** [count, 3, side, side], RGB 0..255. */
  readonly planes: Float32Array
  readonly count: number
}

export interface ChipPlace {
  readonly toPicture: Similarity
  readonly side: number
}

/** One chip for each view, each followed by its mirror image if asked for. */
export function cutChips(
  picture: Pixels,
  place: ChipPlace,
  { views, mirrored }: Recognizer['search'],
): ChipBatch {
  const { side } = place
  // The work is done once for all views.
  const source = shrunkSource(picture, place.toPicture, { width: side, height: side })
  const size = 3 * side * side
  const each = mirrored ? 2 : 1
  const planes = new Float32Array(size * views.length * each)
  for (const [index, view] of views.entries()) {
    const offset = index * each * size
    const toSource = composeSimilarities(source.toPicture, viewOnChip(view, side))
    warpToPlanes(source.picture, toSource, { width: side, height: side, planes, offset })
    if (mirrored)
      mirror(planes.subarray(offset, offset + size), planes.subarray(offset + size, offset + 2 * size), side)
  }
  return { planes, count: views.length * each }
}

/** The map from the view's pixels to the chip's: turned and enlarged about the centre, then moved. */
function viewOnChip({ dx, dy, scale, rotation }: ChipView, side: number): Similarity {
  const turn = similarityOfParts({ scale, radians: rotation, tx: 0, ty: 0 })
  const centre = { x: side / 2, y: side / 2 }
  const moved = applySimilarity(turn, centre)
  return { a: turn.a, b: turn.b, tx: centre.x - moved.x + dx, ty: centre.y - moved.y + dy }
}

function mirror(from: Float32Array, to: Float32Array, side: number): void {
  for (let row = 0; row < from.length; row += side) {
    for (let x = 0; x < side; x++) to[row + x] = from[row + side - 1 - x] ?? 0
  }
}
