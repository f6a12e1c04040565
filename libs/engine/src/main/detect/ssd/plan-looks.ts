import type { DetectorLook } from '../../../inference-thread/detect/detect-look.ts'

interface Size {
  readonly width: number
  readonly height: number
}

export interface LookPlan {
  /** The whole picture, as large as the detector takes it. */
  readonly fine: DetectorLook
  /** The whole picture at half that size, for faces that fill it: the detector misses large faces. */
  readonly coarse: DetectorLook
  /** Parts of it at its own size, where every face is wanted: the detector misses small faces, too. */
  readonly tiles: readonly DetectorLook[]
}

/** Pictures no larger than this have no faces so small that the look at the whole would miss them. */
const TILES_FROM_PX = 640

/** A face this large at most lies whole in one of two neighbouring tiles. */
const TILE_OVERLAP_PX = 128

/**
 * Never enlarges: with a 250 px portrait blown up to 512, 6 % of LFW's faces were lost.
 * @param preview the picture at the size that the detector was trained on, or smaller; `fine` and `coarse` look at it
 */
export function planLooks(picture: Size, preview: Size, longest: number): LookPlan {
  return {
    fine: wholeAt(preview, 1),
    coarse: wholeAt(preview, 1 / 2),
    tiles: hasTiles(picture) ? tilesOf(picture, longest) : [],
  }
}

export function hasTiles({ width, height }: Size): boolean {
  return Math.max(width, height) > TILES_FROM_PX
}

function wholeAt({ width, height }: Size, scale: number): DetectorLook {
  return {
    region: { x: 0, y: 0, width, height },
    size: { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) },
  }
}

function tilesOf({ width, height }: Size, side: number): DetectorLook[] {
  return starts(height, side).flatMap((y) =>
    starts(width, side).map((x) => {
      const size = { width: Math.min(side, width), height: Math.min(side, height) }
      return { region: { x, y, ...size }, size }
    }),
  )
}

/** Evenly spread, the last one flush with the picture's edge. */
function starts(length: number, side: number): number[] {
  if (length <= side) return [0]
  const count = Math.ceil((length - TILE_OVERLAP_PX) / (side - TILE_OVERLAP_PX))
  return Array.from({ length: count }, (_, index) => Math.round((index * (length - side)) / (count - 1)))
}
