import { useState } from 'react'
import { useText } from '../../language/language.tsx'
import { boxOf } from '../../parts/box.ts'
import { FacePhoto } from '../../parts/face-photo.tsx'
import { GroupChoice } from '../../parts/group-choice.tsx'
import { Live } from '../../parts/live.tsx'
import { MetadataField } from '../../parts/metadata-field.tsx'
import { Barrier, Empty, Skeleton } from '../../parts/states.tsx'
import { useSettled } from '../../parts/use-settled.ts'
import type { DetectedFace } from '../../server/api.ts'
import { Candidates } from './candidates.tsx'
import { distanceOf, EVERYWHERE, useCandidates, useFaces } from './probe-queries.ts'
import type { Probe } from './probes.tsx'
import { useDenials } from './use-denials.ts'

/** The server's own threshold where nobody set another: the operating point of the scale. */
const OPERATING_POINT = 1
/** Whoever types a condition is not searched for with each letter of it. */
const TYPED_MS = 400
const NO_FACES: readonly DetectedFace[] = []

/** One picture with its faces, and the candidates of the face that is selected. */
export function ProbeView({ probe }: { readonly probe: Probe }) {
  const text = useText()
  const [selected, setSelected] = useState(0)
  const [threshold, setThreshold] = useState(OPERATING_POINT)
  const [scope, setScope] = useState(EVERYWHERE)
  const found = useFaces(probe)
  const faces = found.data?.faces ?? NO_FACES
  const metadata = useSettled(scope.metadata, TYPED_MS)
  const candidates = useCandidates(probe, faces, { ...scope, metadata })
  const denials = useDenials(probe)
  const nameOf = (place: number): string | null => {
    const persons = candidates.data?.byFace[place] ?? []
    const nearest = persons.find(({ id }) => !denials.isDenied(place, id))
    return nearest !== undefined && distanceOf(nearest) <= threshold ? nearest.name : null
  }
  const face = faces[selected]
  if (found.data?.isUnreadable === true) return <Unreadable probe={probe} why={found.data.why} />
  return (
    <div className="probe">
      <section className="probe-photo" aria-label={text.search.photo}>
        <FacePhoto
          url={probe.url}
          alt={text.search.photoAlt(faces.length)}
          undrawable={faces.length > 0 ? text.search.undrawableRead : text.search.undrawable}
          selected={selected}
          onSelect={setSelected}
          faces={faces.map(({ roi, landmarks }, place) => ({
            box: boxOf(roi),
            landmarks,
            isKnown: nameOf(place) !== null,
            label: nameOf(place) ?? (candidates.data === undefined ? '…' : text.search.unknown),
          }))}
        >
          {found.isPending ? <div className="scan" /> : null}
        </FacePhoto>
        <Live className="small quiet probe-note">
          {found.isPending ? text.search.looking : null}
          {found.data === undefined ? null : text.search.facesHint(faces.length)}
        </Live>
      </section>
      <section className="probe-answer" aria-label={text.search.candidates}>
        <div className="probe-scope">
          <GroupChoice
            label={text.search.scope}
            everybody={text.search.everybody}
            value={scope.groupId}
            onChange={(groupId) => setScope({ ...scope, groupId })}
          />
          <MetadataField value={scope.metadata} onChange={(metadata) => setScope({ ...scope, metadata })} />
        </div>
        <Barrier of={found} />
        {found.data !== undefined && face === undefined ? (
          <Empty icon="person" title={text.search.noFace}>
            <p className="quiet">{found.data.why ?? text.search.noFaceHint}</p>
          </Empty>
        ) : null}
        <Barrier of={candidates} />
        {found.isPending || (face !== undefined && candidates.isPending) ? <Skeleton kind="cards" /> : null}
        {face !== undefined && candidates.data !== undefined ? (
          <Candidates
            probe={probe}
            face={face}
            place={selected}
            isOnlyFace={faces.length === 1}
            persons={candidates.data.byFace[selected] ?? []}
            requestId={candidates.data.requestId}
            threshold={threshold}
            onThreshold={setThreshold}
          />
        ) : null}
      </section>
    </div>
  )
}

/** In place of all that is said of a picture. */
function Unreadable({ probe, why }: { readonly probe: Probe; readonly why: string | null }) {
  const text = useText()
  return (
    <Live as="div" role="alert">
      <Empty icon="warning" title={text.search.unreadable}>
        <p>
          <b>{probe.name}</b>
        </p>
        <p className="small quiet" lang="en">
          {why}
        </p>
      </Empty>
    </Live>
  )
}
