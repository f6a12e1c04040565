import { useState } from 'react'
import { useText } from '../../../language/language.tsx'
import { Button } from '../../../parts/button.tsx'
import { Dialog } from '../../../parts/dialog.tsx'
import { Field } from '../../../parts/field.tsx'
import { PersonPicture } from '../../../parts/person-picture.tsx'
import { ProblemText } from '../../../parts/states.tsx'
import type { Person } from '../../../server/api.ts'
import { useMerge } from '../../../server/use-merge.ts'
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
  const [namePrefix, setNamePrefix] = useState('')
  const [other, setOther] = useState<{ readonly id: string; readonly name: string } | null>(null)
  const alike = useLookAlikes(person)
  const named = usePeople({ ...EVERYBODY, namePrefix }, namePrefix !== '')
  const offered = namePrefix === '' ? alike.data : named.data?.pages[0]?.items
  const merge = useMerge(onClose)
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
          onClick={() => other !== null && merge.mutate({ keptId: person.id, goneId: other.id })}
        >
          {other === null ? text.person.merge : text.person.mergeAction(other.name)}
        </Button>
      </div>
    </Dialog>
  )
}
