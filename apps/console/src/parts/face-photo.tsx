import type { ReactNode } from 'react'
import type { Box } from './box.ts'
import { useDrawnSize } from './use-drawn-size.ts'

export interface FaceInPhoto {
  readonly box: Box
  /** Five points in pixels of the picture; shown for the face that is selected. */
  readonly landmarks: readonly (readonly number[])[]
  /** Stands at the box: a name, or that nobody was found. */
  readonly label: string
  /** A full line for a face with an answer, a dashed one for a face without. */
  readonly isKnown: boolean
}

interface FacePhotoProps {
  readonly url: string
  readonly alt: string
  readonly faces: readonly FaceInPhoto[]
  readonly selected: number
  readonly onSelect: (face: number) => void
  readonly children?: ReactNode
  /** Where the browser cannot draw this kind of picture. */
  readonly undrawable: string
}

/** A picture with a button around each face. The number at a box stands beside its candidates, too. */
export function FacePhoto({ url, alt, faces, selected, onSelect, children, undrawable }: FacePhotoProps) {
  const { size, isBroken, frame, ofImage } = useDrawnSize()
  if (isBroken) {
    return (
      <div className="face-photo broken">
        <p>{undrawable}</p>
        <FaceList faces={faces} selected={selected} onSelect={onSelect} />
        {children}
      </div>
    )
  }
  return (
    <div className="face-photo" {...frame}>
      <img src={url} alt={alt} draggable={false} {...ofImage} />
      {size === null
        ? null
        : faces.map((face, place) => (
            <FaceBox
              // biome-ignore lint/suspicious/noArrayIndexKey: a face is known by its place
              key={place}
              face={face}
              place={place}
              size={size}
              isSelected={place === selected}
              onSelect={() => onSelect(place)}
            />
          ))}
      {size === null ? null : <Landmarks size={size} points={faces[selected]?.landmarks ?? []} />}
      {children}
    </div>
  )
}

/** The faces of a picture that is not to be seen: they are chosen all the same. */
function FaceList({ faces, selected, onSelect }: Pick<FacePhotoProps, 'faces' | 'selected' | 'onSelect'>) {
  return (
    <ul className="face-list">
      {faces.map(({ label }, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a face is known by its place
        <li key={place}>
          <button
            type="button"
            className="face-choice"
            aria-pressed={place === selected}
            onClick={() => onSelect(place)}
          >
            <b>{place + 1}</b> <span>{label}</span>
          </button>
        </li>
      ))}
    </ul>
  )
}

interface FaceBoxProps {
  readonly face: FaceInPhoto
  readonly place: number
  readonly size: readonly [number, number]
  readonly isSelected: boolean
  readonly onSelect: () => void
}

function FaceBox({ face, place, size: [width, height], isSelected, onSelect }: FaceBoxProps) {
  const [x, y, w, h] = face.box
  return (
    <button
      type="button"
      className={`face-box ${face.isKnown ? 'known' : 'unknown'}`}
      aria-pressed={isSelected}
      // As it stands in the tag, so that whoever speaks to the page names what is to be seen.
      aria-label={`${place + 1} ${face.label}`}
      onClick={onSelect}
      style={{
        left: `${(100 * x) / width}%`,
        top: `${(100 * y) / height}%`,
        width: `${(100 * w) / width}%`,
        height: `${(100 * h) / height}%`,
      }}
    >
      <span className="photo-label face-tag" aria-hidden="true">
        <b>{place + 1}</b> <span>{face.label}</span>
      </span>
    </button>
  )
}

function Landmarks({
  size: [width, height],
  points,
}: {
  size: readonly [number, number]
  points: FaceInPhoto['landmarks']
}) {
  const radius = Math.max(1.5, Math.min(width, height) / 240)
  return (
    <svg className="landmarks" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {points.map(([x, y]) => (
        <circle key={`${x} ${y}`} cx={x} cy={y} r={radius} />
      ))}
    </svg>
  )
}
