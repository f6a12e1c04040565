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
import { useDeny, useTakeBack } from './use-denials.ts'

export type CandidateKind = 'within' | 'beyond' | 'denied'

interface CandidateCardProps {
  readonly person: FoundPerson
  readonly probe: Probe
  readonly face: DetectedFace
  /** Of the face in the picture. */
  readonly place: number
  readonly isOnlyFace: boolean
  /** Of the search. */
  readonly requestId: string | null
  readonly threshold: number
  readonly pictures: number
  readonly kind: CandidateKind
}

/** Somebody whom a face may be. Beyond the threshold a line says who it is and how far, and opens the rest. */
export function CandidateCard(props: CandidateCardProps) {
  const { kind } = props
  if (kind === 'beyond') return <FoldedCard {...props} />
  return (
    <li className={kind === 'within' ? 'card' : 'card beyond'}>
      <CardContent {...props} />
    </li>
  )
}

function FoldedCard(props: CandidateCardProps) {
  const { person } = props
  const text = useText()
  const distance = distanceOf(person)
  return (
    <li>
      <details className="fold">
        <summary>
          <span className="fold-picture">
            <PersonPicture personId={person.id} imageId={person.images[0]?.id} side={96} alt="" />
          </span>
          <span className="fold-name">{person.name}</span>
          <span className="small quiet">{text.search.nearness[nearnessOf(distance)]}</span>
          <Distance of={distance} />
        </summary>
        <div className="card beyond">
          <CardContent {...props} />
        </div>
      </details>
    </li>
  )
}

function Distance({ of }: { readonly of: number }) {
  const text = useText()
  const formats = useFormats()
  return (
    <span className="score">
      <b>{formats.hundredths(of)}</b>
      <span className="small quiet">{text.search.distanceUnit}</span>
    </span>
  )
}

/** The probe and the enrolled face side by side, how far apart they are, and what that means. */
function CardContent(props: CandidateCardProps) {
  const { person, probe, face, threshold, pictures, kind } = props
  const text = useText()
  const formats = useFormats()
  const distance = distanceOf(person)
  const [image] = person.images
  const within = person.images.filter((one) => one.distance <= threshold).length
  const strangers = useStrangers('search', pictures)
  return (
    <>
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
          <Distance of={distance} />
        </div>
        <DistanceRuler distance={distance} threshold={threshold} />
        <p className="small">
          <b>{text.search.nearness[nearnessOf(distance)]}</b>{' '}
          <span className="quiet">{strangers(distance, text.search.strangers)}</span>
        </p>
        <p className="small quiet">
          {text.search.similarity(formats.percent(image?.similarity ?? 0))}
          {within > 1 ? ` · ${text.search.morePictures(within)}` : ''}
        </p>
      </div>
      <div className="card-foot">
        {kind === 'denied' ? <DeniedActions {...props} /> : <CardActions {...props} />}
      </div>
    </>
  )
}

function CardActions(props: CandidateCardProps) {
  const { person } = props
  const text = useText()
  const add = useAddFace(props)
  const deny = useDeny(props)
  return (
    <>
      <ProblemText error={add.error ?? deny.error} />
      <div className="actions">
        <Button icon="plus" isBusy={add.isPending} onClick={() => add.mutate(person)}>
          {text.search.addTo}
        </Button>
        <Button
          icon="close"
          look="bare"
          aria-label={text.search.denyPerson(person.name)}
          isBusy={deny.isPending}
          onClick={() => deny.mutate()}
        >
          {text.search.deny}
        </Button>
      </div>
    </>
  )
}

function DeniedActions(props: CandidateCardProps) {
  const text = useText()
  const takeBack = useTakeBack(props)
  return (
    <>
      <p className="small quiet">{text.search.deniedNote}</p>
      <ProblemText error={takeBack.error} />
      <div className="actions">
        <Button isBusy={takeBack.isPending} onClick={() => takeBack.mutate()}>
          {text.search.takeBack}
        </Button>
      </div>
    </>
  )
}
