import type { Box } from './box.ts'
import { Icon } from './icon.tsx'
import { useDrawnSize } from './use-drawn-size.ts'

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
  const { size, isBroken, ofImage } = useDrawnSize()
  const [x, y, w, h] = box
  const side = Math.max(w, h) * MARGIN
  const left = x + w / 2 - side / 2
  const top = y + h / 2 - side / 2
  if (isBroken) {
    return (
      <span className="picture none">
        {alt === '' ? null : <span className="unseen">{alt}</span>}
        <Icon name="person" />
      </span>
    )
  }
  return (
    <span className="picture">
      <img
        src={url}
        alt={alt}
        draggable={false}
        className="cropped"
        {...ofImage}
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
