import { useFormats } from '../../language/formats.ts'
import { useText } from '../../language/language.tsx'
import { boxOf } from '../../parts/box.ts'
import { Button } from '../../parts/button.tsx'
import { DistanceRuler } from '../../parts/distance-ruler.tsx'
import { FaceCrop } from '../../parts/face-crop.tsx'
import { nearnessOf } from '../../parts/likeness.ts'
import { PersonPicture } from '../../parts/person-picture.tsx'
import { ProblemText } from '../../parts/states.tsx'
import { useStrangers } from '../../parts/use-strangers.ts'
import { Link } from '../../router.tsx'
import type { DetectedFace, FoundPerson } from '../../server/api.ts'
import { distanceOf } from './probe-queries.ts'
import type { Probe } from './probes.tsx'
import { useAddFace } from './use-add-face.ts'

interface CandidateCardProps {
  readonly person: FoundPerson
  readonly probe: Probe
  readonly face: DetectedFace
  readonly isOnlyFace: boolean
  readonly threshold: number
  readonly pictures: number
  readonly isBeyond: boolean
}

/** The probe and the enrolled face side by side, how far apart they are, and what that means. */
export function CandidateCard(props: CandidateCardProps) {
  const { person, probe, face, isOnlyFace, threshold, pictures, isBeyond } = props
  const text = useText()
  const formats = useFormats()
  const add = useAddFace({ probe, face, isOnlyFace })
  const distance = distanceOf(person)
  const [image] = person.images
  const within = person.images.filter((one) => one.distance <= threshold).length
  const share = useStrangers(pictures)
  return (
    <li className={isBeyond ? 'card beyond' : 'card'}>
      <div className="pair">
        <FaceCrop url={probe.url} box={boxOf(face.roi)} alt={text.search.probeAlt} />
        <PersonPicture
          personId={person.id}
          imageId={image?.id}
          side={192}
          alt={text.search.enrolledAlt(person.name)}
        />
      </div>
      <div className="card-body">
        <div className="card-line">
          <Link to={`/people/${person.id}`} className="name lead">
            {person.name}
          </Link>
          <span className="score">
            <b>{formats.hundredths(distance)}</b>
            <span className="small quiet">{text.search.distanceUnit}</span>
          </span>
        </div>
        <DistanceRuler distance={distance} threshold={threshold} />
        <p className="small">
          <b>{text.search.nearness[nearnessOf(distance)]}</b>{' '}
          <span className="quiet">
            {distance <= 1 ? text.search.strangersFewer(share) : text.search.strangersMore(share)}
          </span>
        </p>
        <p className="small quiet">
          {text.search.similarity(formats.percent(image?.similarity ?? 0))}
          {within > 1 ? ` · ${text.search.morePictures(within)}` : ''}
        </p>
        <ProblemText error={add.error} />
        <div className="actions">
          <Button icon="plus" isBusy={add.isPending} onClick={() => add.mutate(person)}>
            {text.search.addTo}
          </Button>
        </div>
      </div>
    </li>
  )
}
