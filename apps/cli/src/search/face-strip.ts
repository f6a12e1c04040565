import stringWidth from 'string-width'
import { printable } from '../command/table.ts'
import type { PictureProtocol } from '../terminal/picture-protocol.ts'
import { showPicture } from '../terminal/show-picture.ts'
import { FACE_PX } from './face-crop.ts'

/** Characters from the left edge of a face to its right one, and between two faces. */
const FACE_COLUMNS = 12
const GAP_COLUMNS = 2
const STEP_COLUMNS = FACE_COLUMNS + GAP_COLUMNS
const STEP_PX = (FACE_PX.width / FACE_COLUMNS) * STEP_COLUMNS
/** More of them side by side are hard to compare, and each is asked of the server. */
const MOST_FACES = 8

/** A face, and what stands below it, a line each. */
export interface ShownFace {
  /** Null: a plain cell is shown in its place. */
  readonly picture: Buffer | null
  readonly captions: readonly string[]
}

/** How many faces a line of the terminal has room for. The last column stays free. */
export function facesThatFit(columns: number): number {
  const fit = Math.floor((columns - 1 + GAP_COLUMNS) / STEP_COLUMNS)
  return Math.max(0, Math.min(MOST_FACES, fit))
}

/** Faces beside each other, and their captions below them. All faces have as many captions. */
export async function stripLines(
  protocol: PictureProtocol,
  faces: readonly ShownFace[],
): Promise<readonly string[]> {
  const png = await stripPicture(faces.map(({ picture }) => picture))
  const captions = (faces[0]?.captions ?? []).map((_, line) =>
    faces
      .map(({ captions: texts }) => captionCell(texts[line] ?? ''))
      .join('')
      .trimEnd(),
  )
  return [showPicture(protocol, png, faces.length * STEP_COLUMNS - GAP_COLUMNS), ...captions]
}

/** A PNG, transparent between the faces. One picture leaves no doubt about where the next one goes. */
async function stripPicture(pictures: readonly (Buffer | null)[]): Promise<Buffer> {
  // It takes a while to load, and nothing else of the command needs it.
  const { default: sharp } = await import('sharp')
  const { width, height } = FACE_PX
  const plain = { create: { width, height, channels: 3, background: '#808080' } } as const
  const cellOf = async (picture: Buffer | null) => {
    if (picture === null) return plain
    const resized = sharp(picture, { limitInputPixels: 4_000_000 }).resize(width, height)
    // Whatever else the server may have sent is no face.
    return resized.toBuffer().catch(() => plain)
  }
  const cells = await Promise.all(pictures.map(cellOf))
  const strip = { width: pictures.length * STEP_PX - (STEP_PX - width), height, channels: 4 } as const
  return sharp({ create: { ...strip, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
    .composite(cells.map((input, at) => ({ input, left: at * STEP_PX, top: 0 })))
    .png()
    .toBuffer()
}

/** As wide as a face and the gap behind it. */
function captionCell(text: string): string {
  const letters = [...printable(text)]
  let shown = letters.slice(0, FACE_COLUMNS)
  if (letters.length > shown.length || stringWidth(shown.join('')) > FACE_COLUMNS) {
    while (stringWidth(shown.join('')) >= FACE_COLUMNS) shown = shown.slice(0, -1)
    shown = [...shown, '…']
  }
  const cell = shown.join('')
  return cell + ' '.repeat(STEP_COLUMNS - stringWidth(cell))
}
