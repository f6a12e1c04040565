import type { ReactNode } from 'react'
import type { Box } from './box.ts'
import { useDrawnSize } from './use-drawn-size.ts'

interface BoxedPictureProps {
  readonly url: string
  readonly alt: string
  /** Null: none is known (yet). */
  readonly face: { readonly box: Box; readonly landmarks: readonly (readonly number[])[] } | null
  /** Stands at the box. */
  readonly label: string
  /** In place of a picture that the browser cannot draw. */
  readonly undrawable: ReactNode
}

/** A whole picture, with a line around one face and a ring at each of its landmarks: shapes, which need no colour. */
export function BoxedPicture({ url, alt, face, label, undrawable }: BoxedPictureProps) {
  const { size, isBroken, frame, ofImage } = useDrawnSize()
  if (isBroken) return undrawable
  return (
    <div className="boxed" {...frame}>
      <img src={url} alt={alt} draggable={false} {...ofImage} />
      {size === null || face === null ? null : (
        <>
          <svg className="boxed-lines" viewBox={`0 0 ${size[0]} ${size[1]}`} aria-hidden="true">
            <FaceLines {...face} radius={Math.max(1.5, face.box[2] / 40)} />
          </svg>
          <span className="photo-label boxed-label" style={placeBelow(face.box, size)}>
            {label}
          </span>
        </>
      )}
    </div>
  )
}

type FaceLinesProps = NonNullable<BoxedPictureProps['face']> & { readonly radius: number }

/** Each line twice, dark below light, so that it is seen on any picture. */
function FaceLines({ box: [x, y, width, height], landmarks, radius }: FaceLinesProps) {
  return ['under', 'over'].map((layer) => (
    <g key={layer} className={layer}>
      <rect x={x} y={y} width={width} height={height} rx={radius} />
      {landmarks.map(([cx, cy]) => (
        <circle key={`${cx} ${cy}`} cx={cx} cy={cy} r={radius} />
      ))}
    </g>
  ))
}

/** At the lower edge of the box, and within the picture where the box ends with it. */
function placeBelow([x, y, width, height]: Box, [across, down]: readonly [number, number]) {
  return {
    left: `${Math.min(100, Math.max(0, (100 * (x + width / 2)) / across))}%`,
    top: `${Math.min(92, (100 * (y + height)) / down)}%`,
  }
}
