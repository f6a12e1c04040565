import { useState } from 'react'
import { useText } from '../../language/language.tsx'
import { boxOf } from '../../parts/box.ts'
import { Button } from '../../parts/button.tsx'
import { FaceCrop } from '../../parts/face-crop.tsx'
import { Icon } from '../../parts/icon.tsx'
import { ThresholdSlider } from '../../parts/threshold-slider.tsx'
import type { DetectedFace, FoundPerson } from '../../server/api.ts'
import { useStats } from '../../server/queries.ts'
import { CandidateCard, type CandidateKind } from './candidate-card.tsx'
import { EnrollDialog } from './enroll-dialog.tsx'
import { distanceOf } from './probe-queries.ts'
import type { Probe } from './probes.tsx'
import { useDenials } from './use-denials.ts'

/** Beyond the threshold, so many are shown: enough to see that nobody was missed narrowly. */
const SHOWN_BEYOND = 3

interface CandidatesProps {
  readonly probe: Probe
  readonly face: DetectedFace
  readonly place: number
  readonly isOnlyFace: boolean
  readonly persons: readonly FoundPerson[]
  /** Of the search that found them. */
  readonly requestId: string | null
  readonly threshold: number
  readonly onThreshold: (threshold: number) => void
}

export function Candidates({
  probe,
  face,
  place,
  isOnlyFace,
  persons,
  requestId,
  threshold,
  onThreshold,
}: CandidatesProps) {
  const text = useText()
  const stats = useStats()
  const [isEnrolling, setIsEnrolling] = useState(false)
  const denials = useDenials(probe)
  const denied = persons.filter(({ id }) => denials.isDenied(place, id))
  const others = persons.filter(({ id }) => !denials.isDenied(place, id))
  const within = others.filter((person) => distanceOf(person) <= threshold)
  const beyond = others.filter((person) => distanceOf(person) > threshold).slice(0, SHOWN_BEYOND)
  const pictures = stats.data?.images ?? 0
  const card = (person: FoundPerson, kind: CandidateKind) => (
    <CandidateCard
      key={person.id}
      person={person}
      probe={probe}
      face={face}
      place={place}
      isOnlyFace={isOnlyFace}
      requestId={requestId}
      threshold={threshold}
      pictures={pictures}
      kind={kind}
    />
  )
  return (
    <>
      <div className="verdict">
        <span className="crop-small">
          <FaceCrop url={probe.url} box={boxOf(face.roi)} alt="" />
          <b className="face-number">{place + 1}</b>
        </span>
        <div>
          <h2 className="lead">
            {within.length === 0 ? text.search.nobody : text.search.found(within.length)}
          </h2>
          <p className="quiet small">{qualityNote(face, text)}</p>
        </div>
        <Button
          icon="plus"
          look={within.length === 0 ? 'main' : 'plain'}
          onClick={() => setIsEnrolling(true)}
        >
          {text.search.enroll}
        </Button>
      </div>
      <ThresholdSlider value={threshold} onChange={onThreshold} pictures={pictures} />
      <ol className="cards">{within.map((person) => card(person, 'within'))}</ol>
      {beyond.length === 0 ? null : (
        <>
          <h3 className="divider">
            <Icon name="close" /> {text.search.beyond}
          </h3>
          <ol className="folds">{beyond.map((person) => card(person, 'beyond'))}</ol>
        </>
      )}
      {denied.length === 0 ? null : (
        <>
          <h3 className="divider">
            <Icon name="close" /> {text.search.denied}
          </h3>
          <ol className="cards">{denied.map((person) => card(person, 'denied'))}</ol>
        </>
      )}
      {isEnrolling ? (
        <EnrollDialog
          probe={probe}
          face={face}
          isOnlyFace={isOnlyFace}
          onClose={() => setIsEnrolling(false)}
        />
      ) : null}
    </>
  )
}

function qualityNote(
  { faceQuality, landmarksUncertain }: DetectedFace,
  text: ReturnType<typeof useText>,
): string {
  if (landmarksUncertain === true) return text.search.uncertain
  return faceQuality === undefined
    ? text.search.nearestFirst
    : text.search.quality(Math.round(faceQuality.value))
}
