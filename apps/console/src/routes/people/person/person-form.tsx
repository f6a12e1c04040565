import { answerOf } from '@semblance/client'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useText } from '../../../language/language.tsx'
import { Button } from '../../../parts/button.tsx'
import { useLeaving } from '../../../moves.ts'
import { Field } from '../../../parts/field.tsx'
import { LeaveDialog } from '../../../parts/leave-dialog.tsx'
import { useAnnounce } from '../../../parts/notices.tsx'
import { ProblemText } from '../../../parts/states.tsx'
import { api } from '../../../server/api.ts'
import { useGalleryChanged, useGroups } from '../../../server/queries.ts'
import { changesOf, type Draft, draftOf, isTouched, metadataProblem, rebased } from './person-draft.ts'
import type { WholePerson } from './whole-person.ts'

/** What is known of a person beside the pictures. Only what was changed is sent. */
export function PersonForm({ person }: { readonly person: WholePerson }) {
  const text = useText()
  const announce = useAnnounce()
  const galleryChanged = useGalleryChanged()
  const [{ base, draft, isSaved }, setState] = useState(() => ({
    base: person,
    draft: draftOf(person),
    isSaved: false,
  }))
  const setDraft = (next: Draft) => setState({ base: person, draft: next, isSaved: false })
  if (base !== person) {
    const next = isSaved ? draftOf(person) : rebased(draft, base, person)
    setState({ base: person, draft: next, isSaved: false })
  }
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part })
  const wrongMetadata = metadataProblem(draft.metadata)
  const body = changesOf(draft, person)
  const isChanged = body !== null
  const isUnsaved = !isSaved && isTouched(draft, person)
  const canSave = isChanged && wrongMetadata === null
  const leaving = useLeaving(isUnsaved)
  const save = useMutation({
    mutationFn: () => {
      const params = { path: { personId: person.id } }
      // A text already: read into a value, its numbers could lose digits.
      const asItStands = { body: (body ?? '{}') as never, bodySerializer: (text: unknown) => text as string }
      return answerOf(api.PUT('/api/persons/{personId}', { params, ...asItStands }))
    },
    onSuccess: () => {
      announce(text.common.saved)
      setState({ base, draft, isSaved: true })
      galleryChanged()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (canSave && !save.isPending) save.mutate()
  }
  return (
    <form className="fields panel person-form" aria-label={text.person.details} onSubmit={submit}>
      <h2 className="lead">{text.person.details}</h2>
      <Field label={text.people.name}>
        {(wiring) => (
          <input
            {...wiring}
            required
            maxLength={1024}
            value={draft.name}
            onChange={(event) => change({ name: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field label={text.person.externalId} hint={text.person.externalIdHint}>
        {(wiring) => (
          <input
            {...wiring}
            value={draft.externalId}
            onChange={(event) => change({ externalId: event.currentTarget.value })}
          />
        )}
      </Field>
      <GroupBoxes chosen={draft.groups} onChange={(groups) => change({ groups })} />
      <Field label={text.person.expires} hint={text.person.expiresHint}>
        {(wiring) => (
          <input
            {...wiring}
            type="datetime-local"
            value={draft.expireAt}
            onChange={(event) => change({ expireAt: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field
        label={text.person.metadata}
        hint={text.person.metadataHint}
        error={wrongMetadata === null ? null : text.person.metadataWrong(wrongMetadata)}
      >
        {(wiring) => (
          <textarea
            {...wiring}
            className="code"
            rows={8}
            spellCheck={false}
            value={draft.metadata}
            onChange={(event) => change({ metadata: event.currentTarget.value })}
          />
        )}
      </Field>
      <ProblemText error={save.error} />
      <div className="actions end">
        <Button disabled={!isUnsaved} onClick={() => setDraft(draftOf(person))}>
          {text.person.undo}
        </Button>
        <Button
          look="main"
          type="submit"
          isBusy={save.isPending}
          disabled={!canSave}
        >
          {text.common.save}
        </Button>
      </div>
      {leaving.go === null ? null : (
        <LeaveDialog
          name={person.name}
          isSaving={save.isPending}
          onStay={leaving.stay}
          onDiscard={leaving.go}
          onSave={canSave && draft.name.trim() !== '' ? () => save.mutate(undefined, { onSuccess: leaving.go, onError: leaving.stay }) : null}
        />
      )}
    </form>
  )
}

interface GroupBoxesProps {
  readonly chosen: readonly string[]
  readonly onChange: (chosen: readonly string[]) => void
}

function GroupBoxes({ chosen, onChange }: GroupBoxesProps) {
  const text = useText()
  const groups = useGroups()
  return (
    <fieldset className="boxes">
      <legend>{text.shell.groups}</legend>
      {groups.data?.map(({ id, name }) => (
        <label key={id}>
          <input
            type="checkbox"
            checked={chosen.includes(id)}
            onChange={({ currentTarget }) =>
              onChange(currentTarget.checked ? [...chosen, id] : chosen.filter((other) => other !== id))
            }
          />
          <span>{name}</span>
        </label>
      ))}
    </fieldset>
  )
}
