import type { Box } from '@semblance/core'
import type { Pixels } from '../../../geometry/pixels.ts'
import { type Quarters, stepsOf, turnedSize } from '../../../geometry/quarters.ts'
import { resizeArea } from '../../pixels/resize-area.ts'
import { warpToBytes } from '../../pixels/warp.ts'

interface Size {
  readonly width: number
  readonly height: number
}

/** The whole picture at one of several sizes. */
export interface PictureLevel {
  readonly pixels: Pixels
  /** The picture's size in them, at the top left; the rest is black. */
  readonly size: Size
}

/** Largest first; the first one is the picture as it is. */
export type PictureLevels = readonly [PictureLevel, ...PictureLevel[]]

/** The second coarsest cell of the proposer: a canvas of whole ones has whole maps down to there. */
const CANVAS_STEP_PX = 32

/** Pictures smaller than this are enlarged to it: the proposer's smallest prior is 10 pixels wide. */
const SMALLEST_LOOK_PX = 128

/**
 * A level has at least this many pixels for each value of a crop: so the crop is what the largest level would give, but
 * for a hair's breadth of blur, and a large face costs no more than a small one.
 */
const PIXELS_A_VALUE = 4

export function levelsOf(picture: Pixels, preview: Pixels): PictureLevels {
  const whole = { pixels: picture, size: picture }
  return preview.width < picture.width ? [whole, { pixels: preview, size: preview }] : [whole]
}

/** The smallest level that shows a box of the picture well enough for a crop of that side, and the box in its pixels. */
export function levelFor(
  levels: PictureLevels,
  box: Box,
  side: number,
): { readonly pixels: Pixels; readonly box: Box } {
  const [{ size: whole }] = levels
  const longer = Math.max(box.width, box.height)
  const enough = levels.filter(({ size }) => (longer * size.width) / whole.width >= PIXELS_A_VALUE * side)
  const { pixels, size } = enough.at(-1) ?? levels[0]
  return { pixels, box: scaleBox(box, { from: whole, to: size }) }
}

/**
 * The picture with its longer side brought to `longest`, on a canvas of whole steps. It is not enlarged, except for one
 * that is smaller than any look.
 */
export function levelAt(levels: PictureLevels, longest: number): PictureLevel {
  const [{ pixels: whole }] = levels
  const own = Math.max(whole.width, whole.height)
  const scale = Math.max(SMALLEST_LOOK_PX, Math.min(longest, own)) / own
  const size = {
    width: Math.max(1, Math.round(whole.width * scale)),
    height: Math.max(1, Math.round(whole.height * scale)),
  }
  const canvas = { width: toStep(size.width), height: toStep(size.height) }
  return { pixels: { data: drawOn(canvas, levels, size), ...canvas }, size }
}

/** A box in one level's pixels, brought to another's. */
export function scaleBox(box: Box, { from, to }: { readonly from: Size; readonly to: Size }): Box {
  const x = to.width / from.width
  const y = to.height / from.height
  return { x: box.x * x, y: box.y * y, width: box.width * x, height: box.height * y }
}

/** The level with the picture turned back. */
export function turnBack({ pixels, size }: PictureLevel, quarters: Quarters): PictureLevel {
  if (quarters === 0) return { pixels, size }
  const turned = turnedSize(size, quarters)
  const canvas = { width: toStep(turned.width), height: toStep(turned.height) }
  const data = new Uint8Array(canvas.width * canvas.height * 3)
  const { at, alongX, alongY } = stepsOf(size, pixels.width, quarters)
  for (let y = 0; y < turned.height; y++) {
    let from = 3 * (at + y * alongY)
    let to = 3 * y * canvas.width
    for (let x = 0; x < turned.width; x++, to += 3, from += 3 * alongX) {
      data[to] = pixels.data[from] ?? 0
      data[to + 1] = pixels.data[from + 1] ?? 0
      data[to + 2] = pixels.data[from + 2] ?? 0
    }
  }
  return { pixels: { data, ...canvas }, size: turned }
}

function drawOn(canvas: Size, levels: PictureLevels, size: Size): Uint8Array {
  const [{ pixels: whole }] = levels
  if (size.width > whole.width || size.height > whole.height) {
    const toPicture = { a: whole.width / size.width, b: 0, tx: 0, ty: 0 }
    return warpToBytes(whole, toPicture, { ...canvas, padColor: [0, 0, 0] })
  }
  const source =
    levels.findLast((level) => level.size.width >= size.width && level.size.height >= size.height) ??
    levels[0]
  return resizeArea(source.pixels, { x: 0, y: 0, ...source.size }, { ...canvas, filled: size })
}

function toStep(pixels: number): number {
  return Math.ceil(pixels / CANVAS_STEP_PX) * CANVAS_STEP_PX
}
