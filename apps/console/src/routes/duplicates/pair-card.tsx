import { answerOf } from '@semblance/client'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useFormats } from '../../language/formats.ts'
import { useText } from '../../language/language.tsx'
import { Button } from '../../parts/button.tsx'
import { nearnessOf } from '../../parts/likeness.ts'
import { PersonPicture } from '../../parts/person-picture.tsx'
import { ProblemText } from '../../parts/states.tsx'
import { Link } from '../../router.tsx'
import { api, type DuplicatePair } from '../../server/api.ts'
import { useGalleryChanged } from '../../server/queries.ts'
import { MergeConfirm } from './merge-confirm.tsx'

interface PairCardProps {
  readonly pair: DuplicatePair
  readonly searchId: string
}

/** Two people side by side: one person under two names, or two who look alike. */
export function PairCard({ pair, searchId }: PairCardProps) {
  const text = useText()
  const formats = useFormats()
  const galleryChanged = useGalleryChanged()
  const [one, other] = pair.persons
  const [keptId, setKeptId] = useState<string | null>(null)
  const decide = useMutation({
    mutationFn: (decision: 'keep' | 'later') => {
      const params = { path: { duplicatesId: searchId } }
      const personIds: [string, string] = [one?.personId ?? '', other?.personId ?? '']
      return answerOf(
        api.PUT('/api/duplicates/{duplicatesId}/decisions', { params, body: { personIds, decision } }),
      )
    },
    onSuccess: galleryChanged,
  })
  if (one === undefined || other === undefined) return null
  const isBusy = decide.isPending
  return (
    <li className="card twins">
      <div className="twin-pictures">
        {[one, other].map((person) => (
          <figure key={person.personId}>
            <PersonPicture
              personId={person.personId}
              imageId={person.imageId}
              side={384}
              alt={text.search.enrolledAlt(person.name)}
            />
            <figcaption>
              <Link to={`/people/${person.personId}`} className="name">
                {person.name}
              </Link>
              <span className="small quiet">{text.duplicates.since(formats.day(person.createdAt))}</span>
            </figcaption>
          </figure>
        ))}
      </div>
      <div className="card-body">
        <p>
          <b className="lead">{formats.hundredths(pair.distance)}</b>{' '}
          <span className="quiet">
            {text.search.distanceUnit} · {text.search.nearness[nearnessOf(pair.distance)]}
          </span>
        </p>
        <ProblemText error={decide.error} />
        <div className="actions">
          <Button look="main" isBusy={isBusy} onClick={() => setKeptId(one.personId)}>
            {text.duplicates.mergeInto(one.name)}
          </Button>
          <Button isBusy={isBusy} onClick={() => setKeptId(other.personId)}>
            {text.duplicates.mergeInto(other.name)}
          </Button>
          <Button isBusy={isBusy} onClick={() => decide.mutate('keep')}>
            {text.duplicates.keep}
          </Button>
          <Button look="bare" isBusy={isBusy} onClick={() => decide.mutate('later')}>
            {pair.decision === 'later' ? text.duplicates.putOff : text.duplicates.later}
          </Button>
        </div>
      </div>
      {keptId === null ? null : (
        <MergeConfirm
          kept={keptId === one.personId ? one : other}
          gone={keptId === one.personId ? other : one}
          onClose={() => setKeptId(null)}
        />
      )}
    </li>
  )
}
