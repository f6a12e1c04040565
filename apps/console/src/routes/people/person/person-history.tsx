import { answerOf } from '@semblance/client'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useFormats } from '../../../language/formats.ts'
import { useText } from '../../../language/language.tsx'
import { Button } from '../../../parts/button.tsx'
import { Icon, type IconName } from '../../../parts/icon.tsx'
import { Section } from '../../../parts/section.tsx'
import { Barrier, ProblemText, Skeleton } from '../../../parts/states.tsx'
import { Link } from '../../../router.tsx'
import { api, type Feedback, type PersonEvent } from '../../../server/api.ts'
import { imageAddress } from '../../../server/picture-address.ts'

const ICONS = {
  made: 'person',
  changed: 'check',
  'image-added': 'camera',
  merged: 'duplicates',
  imported: 'imports',
  feedback: 'compare',
} as const satisfies Record<PersonEvent['kind'], IconName>

/** What the records know to have happened to a person. */
export function PersonHistory({ personId }: { readonly personId: string }) {
  const text = useText()
  const formats = useFormats()
  const history = useQuery({
    queryKey: ['person', personId, 'history'],
    queryFn: async ({ signal }) => {
      const params = { path: { personId } }
      return (await answerOf(api.GET('/api/persons/{personId}/history', { params, signal }))).items
    },
  })
  return (
    <Section title={text.history.title}>
      {history.isPending ? <Skeleton kind="rows" /> : null}
      <Barrier of={history} />
      <ol className="history">
        {history.data?.map((event, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: events have no ids, and the list is read anew as a whole
          <li key={place}>
            <Icon name={ICONS[event.kind]} />
            <div>
              <EventText personId={personId} event={event} />
              <time className="small quiet" dateTime={event.at}>
                {formats.time(event.at)}
              </time>
            </div>
          </li>
        ))}
      </ol>
      <p className="small quiet">{text.history.note}</p>
    </Section>
  )
}

interface EventProps {
  readonly personId: string
  readonly event: PersonEvent
}

function EventText({ personId, event }: EventProps): ReactNode {
  const text = useText()
  switch (event.kind) {
    case 'made':
      return <p>{text.history.made}</p>
    case 'changed':
      return <p>{text.history.changed}</p>
    case 'merged':
      return <p>{text.history.merged}</p>
    case 'image-added':
      return (
        <p className="history-picture">
          <EventPicture personId={personId} imageId={event.imageId} />
          {text.history.imageAdded}
        </p>
      )
    case 'imported':
      return (
        <p>
          {event.madeByImport === true ? text.history.madeByImport : text.history.imported}{' '}
          <Link to={`/imports/${event.importId}`}>{event.importName}</Link>
        </p>
      )
    case 'feedback':
      return event.feedback === undefined ? null : <Said personId={personId} feedback={event.feedback} />
  }
}

/** Beside words that say what it is. An image may have been deleted since. */
function EventPicture({
  personId,
  imageId = '',
}: {
  readonly personId: string
  readonly imageId?: string | undefined
}) {
  return (
    <img
      src={imageAddress(personId, imageId, { side: 96, face: true })}
      alt=""
      loading="lazy"
      onError={({ currentTarget }) => {
        currentTarget.hidden = true
      }}
    />
  )
}

function Said({ personId, feedback }: { readonly personId: string; readonly feedback: Feedback }) {
  const text = useText()
  const formats = useFormats()
  const queries = useQueryClient()
  const takeBack = useMutation({
    mutationFn: () => {
      const params = { path: { feedbackId: feedback.id } }
      return answerOf(api.DELETE('/api/feedback/{feedbackId}', { params }))
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['person', personId, 'history'] }),
  })
  const distance = formats.hundredths(feedback.distance)
  return (
    <>
      <p className="history-picture">
        <EventPicture personId={personId} imageId={feedback.imageId} />
        {feedback.verdict === 'not-this-person'
          ? text.history.denied(distance)
          : text.history.confirmed(distance)}
        <Button look="bare" isBusy={takeBack.isPending} onClick={() => takeBack.mutate()}>
          {text.search.takeBack}
        </Button>
      </p>
      <ProblemText error={takeBack.error} />
    </>
  )
}
