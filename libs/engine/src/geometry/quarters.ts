import type { Box } from '@semblance/core'

/** How often a face is turned clockwise by 90 degrees in its picture: turned back as often, it is upright. */
export type Quarters = 0 | 1 | 2 | 3

export const TURNED: readonly Quarters[] = [1, 3, 2]

interface Size {
  readonly width: number
  readonly height: number
}

/** The quarters that are nearest to a clockwise turn in degrees, and what is left of it, to the nearest multiple of 45. */
export function turnOf(degrees: number): { readonly quarters: Quarters; readonly tilt: number } {
  const nearest = Math.round(degrees / 90)
  const tilt = 45 * Math.round((degrees - 90 * nearest) / 45)
  return { quarters: (((nearest % 4) + 4) % 4) as Quarters, tilt }
}

/** The size of a picture that is turned back. */
export function turnedSize({ width, height }: Size, quarters: Quarters): Size {
  return quarters % 2 === 0 ? { width, height } : { width: height, height: width }
}

/** A box of the picture that was turned back, in the picture as it is. */
export function boxAsItWas({ x, y, width, height }: Box, picture: Size, quarters: Quarters): Box {
  switch (quarters) {
    case 0:
      return { x, y, width, height }
    case 1:
      return { x: picture.width - y - height, y: x, width: height, height: width }
    case 2:
      return { x: picture.width - x - width, y: picture.height - y - height, width, height }
    case 3:
      return { x: y, y: picture.height - x - width, width: height, height: width }
  }
}

/** Where a pixel of the turned picture lies in the picture as it is: at + x * alongX + y * alongY, in pixels. */
export interface Steps {
  readonly at: number
  readonly alongX: number
  readonly alongY: number
}

/** For a picture of this size, whose rows are `row` pixels apart. */
export function stepsOf({ width, height }: Size, row: number, quarters: Quarters): Steps {
  switch (quarters) {
    case 0:
      return { at: 0, alongX: 1, alongY: row }
    case 1:
      return { at: width - 1, alongX: row, alongY: -1 }
    case 2:
      return { at: (height - 1) * row + width - 1, alongX: -1, alongY: -row }
    case 3:
      return { at: (height - 1) * row, alongX: -row, alongY: 1 }
  }
}
