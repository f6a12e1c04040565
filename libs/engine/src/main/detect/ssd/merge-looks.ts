import type { Box } from '@semblance/core'
import { iou, overlapOfSmaller, type ScoredBox, suppressDuplicates } from '../../../geometry/boxes.ts'

/** What a look found, in pixels of the picture. */
export interface LookResult {
  /** The part that was looked at. */
  readonly region: Box
  readonly boxes: readonly ScoredBox[]
}

interface Size {
  readonly width: number
  readonly height: number
}

/** A box this near to a tile's edge is taken for the visible part of a larger face. */
const EDGE_PX = 2

/** A face that tiles show, too, is seen at different scales, and parts of a large face may pass for small ones. */
const TILES_MAX_IOU = 0.4
const TILES_MAX_OVERLAP = 0.6

/** Every face once, best score first. */
export function mergeLooks(picture: Size, results: readonly LookResult[], maxIou: number): ScoredBox[] {
  const hasTiles = results.some(({ region }) => !coversWhole(region, picture))
  const whole = results.flatMap(({ region, boxes }) =>
    boxes.filter(({ box }) => !isCutByInnerEdge(box, region, picture)),
  )
  if (!hasTiles) return suppressDuplicates(whole, (kept, box) => iou(kept, box) > maxIou)
  return suppressDuplicates(
    whole,
    (kept, box) => iou(kept, box) > TILES_MAX_IOU || overlapOfSmaller(kept, box) > TILES_MAX_OVERLAP,
  )
}

function coversWhole(region: Box, picture: Size): boolean {
  return region.width === picture.width && region.height === picture.height
}

/** Edges of the picture itself cut no face that another tile could show whole. */
function isCutByInnerEdge(box: Box, region: Box, picture: Size): boolean {
  const right = region.x + region.width
  const bottom = region.y + region.height
  return (
    (region.x > 0 && box.x < region.x + EDGE_PX) ||
    (region.y > 0 && box.y < region.y + EDGE_PX) ||
    (right < picture.width && box.x + box.width > right - EDGE_PX) ||
    (bottom < picture.height && box.y + box.height > bottom - EDGE_PX)
  )
}
