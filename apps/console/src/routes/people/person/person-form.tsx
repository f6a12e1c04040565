import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useText } from '../../../language/language.tsx'
import { useLeaving } from '../../../moves.ts'
import { Button } from '../../../parts/button.tsx'
import { Field } from '../../../parts/field.tsx'
import { useGroupNames } from '../../../parts/group-names.ts'
import { LeaveDialog } from '../../../parts/leave-dialog.tsx'
import { useAnnounce } from '../../../parts/notices.tsx'
import { ProblemText } from '../../../parts/states.tsx'
import { useGalleryChanged, useGroups } from '../../../server/queries.ts'
import { begun, chosen, type FormState, isTouched, moved, saved, typed, undone } from './form-state.ts'
import { PersonConflicts } from './person-conflicts.tsx'
import { type Draft, metadataProblem } from './person-draft.ts'
import { savePerson } from './save-person.ts'
import { rereadPerson } from './use-person.ts'
import type { WholePerson } from './whole-person.ts'

/** What is known of a person beside the pictures. Only what was changed is sent. */
export function PersonForm({ person }: { readonly person: WholePerson }) {
  const text = useText()
  const announce = useAnnounce()
  const galleryChanged = useGalleryChanged()
  const queries = useQueryClient()
  const [form, setForm] = useState(() => begun(person))
  if (form.person !== person) setForm(moved(form, person))
  const { draft, conflicts } = form
  const change = (part: Partial<Draft>) => setForm(typed(form, part))
  const wrongMetadata = metadataProblem(draft.metadata)
  const isUnsaved = isTouched(form)
  const canSave = isUnsaved && wrongMetadata === null && conflicts.length === 0
  const leaving = useLeaving(isUnsaved)
  const save = useMutation({
    mutationFn: async (sent: FormState) => savePerson(sent, () => rereadPerson(queries, person.id)),
    onSuccess: (outcome, sent) => {
      // Whoever shows the person was told what is stored now, this form among them.
      if (outcome === 'conflict') return
      announce(text.common.saved)
      setForm((now) => saved(now, sent))
      galleryChanged()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (canSave && !save.isPending) save.mutate(form)
  }
  const saveAndLeave = () => {
    const { go, stay } = leaving
    save.mutate(form, {
      onSuccess: (outcome) => (outcome === 'saved' ? go?.() : stay()),
      onError: stay,
    })
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
      <PersonConflicts form={form} onChoose={(field, whose) => setForm(chosen(form, field, whose))} />
      <ProblemText error={save.error} />
      <div className="actions end">
        <Button disabled={!isUnsaved} onClick={() => setForm(undone(form))}>
          {text.person.undo}
        </Button>
        <Button look="main" type="submit" isBusy={save.isPending} disabled={!canSave}>
          {text.common.save}
        </Button>
      </div>
      {leaving.go === null ? null : (
        <LeaveDialog
          name={person.name}
          isSaving={save.isPending}
          onStay={leaving.stay}
          onDiscard={leaving.go}
          onSave={canSave && draft.name.trim() !== '' ? saveAndLeave : null}
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
  const nameOf = useGroupNames()
  return (
    <fieldset className="boxes">
      <legend>{text.shell.groups}</legend>
      {groups.data?.map(({ id }) => (
        <label key={id}>
          <input
            type="checkbox"
            checked={chosen.includes(id)}
            onChange={({ currentTarget }) =>
              onChange(currentTarget.checked ? [...chosen, id] : chosen.filter((other) => other !== id))
            }
          />
          <span>{nameOf(id)}</span>
        </label>
      ))}
    </fieldset>
  )
}
