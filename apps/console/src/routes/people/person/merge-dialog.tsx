import { answerOf } from '@semblance/client'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useText } from '../../../language/language.tsx'
import { Button } from '../../../parts/button.tsx'
import { Dialog } from '../../../parts/dialog.tsx'
import { Field } from '../../../parts/field.tsx'
import { useAnnounce } from '../../../parts/notices.tsx'
import { PersonPicture } from '../../../parts/person-picture.tsx'
import { ProblemText } from '../../../parts/states.tsx'
import { api, type Person } from '../../../server/api.ts'
import { useGalleryChanged } from '../../../server/queries.ts'
import { EVERYBODY, usePeople } from '../people-query.ts'
import { useLookAlikes } from './look-alikes.tsx'

const MOST_SHOWN = 8

interface MergeDialogProps {
  readonly person: Person
  readonly onClose: () => void
}

/** The other one is chosen among those who look alike, or by name, and is there no more afterwards. */
export function MergeDialog({ person, onClose }: MergeDialogProps) {
  const text = useText()
  const announce = useAnnounce()
  const galleryChanged = useGalleryChanged()
  const [namePrefix, setNamePrefix] = useState('')
  const [other, setOther] = useState<{ readonly id: string; readonly name: string } | null>(null)
  const alike = useLookAlikes(person)
  const named = usePeople({ ...EVERYBODY, namePrefix })
  const offered = namePrefix === '' ? alike.data : named.data?.pages[0]?.items
  const merge = useMutation({
    mutationFn: (otherId: string) => {
      const params = { path: { personId: person.id } }
      return answerOf(
        api.POST('/api/persons/{personId}/merge', { params, body: { otherId, dropExternalId: true } }),
      )
    },
    onSuccess: () => {
      announce(text.person.merged(person.name))
      galleryChanged()
      onClose()
    },
  })
  return (
    <Dialog title={text.person.mergeTitle(person.name)} onClose={onClose} isWide>
      <p className="quiet">{text.person.mergeHint(person.name)}</p>
      <Field label={text.people.find}>
        {(wiring) => (
          <input
            {...wiring}
            type="search"
            autoComplete="off"
            value={namePrefix}
            onChange={({ currentTarget }) => setNamePrefix(currentTarget.value)}
          />
        )}
      </Field>
      <ul className="image-grid small-tiles">
        {offered
          ?.filter(({ id }) => id !== person.id)
          .slice(0, MOST_SHOWN)
          .map(({ id, name }) => (
            <li key={id}>
              <button
                type="button"
                className="alike"
                aria-pressed={other?.id === id}
                onClick={() => setOther({ id, name })}
              >
                <PersonPicture personId={id} side={192} alt="" />
                <span className="tile-name">{name}</span>
              </button>
            </li>
          ))}
      </ul>
      <ProblemText error={merge.error} />
      <div className="actions end">
        <Button onClick={onClose}>{text.common.cancel}</Button>
        <Button
          look="main"
          disabled={other === null}
          isBusy={merge.isPending}
          onClick={() => other !== null && merge.mutate(other.id)}
        >
          {other === null ? text.person.merge : text.person.mergeAction(other.name)}
        </Button>
      </div>
    </Dialog>
  )
}
