import { useState } from 'react'
import type { Box } from './box.ts'

/** What of the surroundings is shown: the square's side by the longer side of the box. */
const MARGIN = 1.5

/** A square around a face, out of a picture that the browser has anyway. Nothing is drawn anew or sent. */
export function FaceCrop({
  url,
  box,
  alt,
}: {
  readonly url: string
  readonly box: Box
  readonly alt: string
}) {
  const [size, setSize] = useState<readonly [number, number] | null>(null)
  const [x, y, w, h] = box
  const side = Math.max(w, h) * MARGIN
  const left = x + w / 2 - side / 2
  const top = y + h / 2 - side / 2
  return (
    <span className="picture">
      <img
        src={url}
        alt={alt}
        draggable={false}
        className="cropped"
        onLoad={({ currentTarget }) => setSize([currentTarget.naturalWidth, currentTarget.naturalHeight])}
        style={
          size === null
            ? { visibility: 'hidden' }
            : {
                width: `${(100 * size[0]) / side}%`,
                height: `${(100 * size[1]) / side}%`,
                left: `${(-100 * left) / side}%`,
                top: `${(-100 * top) / side}%`,
              }
        }
      />
    </span>
  )
}
