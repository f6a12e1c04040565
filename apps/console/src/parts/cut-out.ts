import type { Box } from './box.ts'

/** Side of the square by the longer side of the box: enough of the head for the detector, and the face in its centre. */
const MARGIN = 2.2
/** Percent; the face is described from this copy. */
const JPEG_QUALITY = 0.95

/** One face of a picture with several, as a picture of its own, since an enrollment takes the most central face. */
export async function cutOut(picture: Blob, [x, y, w, h]: Box): Promise<Blob> {
  const bitmap = await createImageBitmap(picture)
  const side = Math.max(w, h) * MARGIN
  const left = Math.max(0, x + w / 2 - side / 2)
  const top = Math.max(0, y + h / 2 - side / 2)
  const width = Math.min(bitmap.width, x + w / 2 + side / 2) - left
  const height = Math.min(bitmap.height, y + h / 2 + side / 2) - top
  const canvas = new OffscreenCanvas(Math.round(width), Math.round(height))
  canvas.getContext('2d')?.drawImage(bitmap, left, top, width, height, 0, 0, canvas.width, canvas.height)
  bitmap.close()
  return canvas.convertToBlob({ type: 'image/jpeg', quality: JPEG_QUALITY })
}
