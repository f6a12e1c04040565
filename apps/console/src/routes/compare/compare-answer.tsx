import { useFormats } from '../../language/formats.ts'
import { useText } from '../../language/language.tsx'
import { boxOf } from '../../parts/box.ts'
import { DistanceRuler } from '../../parts/distance-ruler.tsx'
import { FaceCrop } from '../../parts/face-crop.tsx'
import { nearnessOf } from '../../parts/likeness.ts'
import { Live } from '../../parts/live.tsx'
import { useStrangers } from '../../parts/use-strangers.ts'
import type { MatchAnswer } from '../../server/api.ts'
import { type ComparedFace, type ComparedPhoto, pairOf } from './use-comparison.ts'

/** Of the server's scale: nearer pairs count as the same person. */
const OPERATING_POINT = 1

interface CompareAnswerProps {
  readonly answer: MatchAnswer
  readonly photos: readonly [ComparedPhoto, ComparedPhoto]
  readonly faces: readonly [ComparedFace | undefined, ComparedFace | undefined]
  readonly areSeveral: boolean
}

/** Both faces side by side, how far apart they are, and what that means. */
export function CompareAnswer({ answer, photos, faces, areSeveral }: CompareAnswerProps) {
  const text = useText()
  const formats = useFormats()
  // One comparison of two strangers, not one with a whole gallery.
  const strangers = useStrangers('match', 1)
  const pair = pairOf(answer, faces[0], faces[1])
  if (pair === undefined) return <p className="quiet">{answer.msg}</p>
  const { score: distance, similarity } = pair
  return (
    <div className="card compare-card">
      <div className="pair">
        {photos.map((photo, place) => (
          <FaceCrop
            key={photo.id}
            url={photo.url}
            box={boxOf(faces[place]?.roi ?? [])}
            alt={text.compare.faceOf(place + 1)}
          />
        ))}
      </div>
      <Live as="div" className="card-body">
        <div className="card-line">
          <h2 className="lead">{text.compare.meaning[nearnessOf(distance)]}</h2>
          <span className="score">
            <b>{formats.hundredths(distance)}</b>
            <span className="small quiet">{text.search.distanceUnit}</span>
          </span>
        </div>
        <DistanceRuler distance={distance} threshold={OPERATING_POINT} />
        <p className="small quiet">{strangers(distance, text.compare.strangers)}</p>
        <p className="small quiet">{text.search.similarity(formats.percent(similarity))}</p>
        {areSeveral ? <p className="small quiet">{text.compare.several}</p> : null}
      </Live>
    </div>
  )
}
