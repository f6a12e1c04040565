import { answerOf } from '@semblance/client'
import { type FormEvent, useState } from 'react'
import { useText } from '../../language/language.tsx'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { NameField } from '../../parts/name-field.tsx'
import { useAnnounce } from '../../parts/notices.tsx'
import { ProblemText } from '../../parts/states.tsx'
import { useWork } from '../../parts/use-work.ts'
import { goTo } from '../../router.tsx'
import { api } from '../../server/api.ts'
import { useGalleryChanged } from '../../server/queries.ts'

/** A person without pictures yet; the page of the person takes them. */
export function NewPersonButton() {
  const text = useText()
  const [isOpen, setIsOpen] = useState(false)
  return (
    <>
      <Button icon="plus" look="main" onClick={() => setIsOpen(true)}>
        {text.people.create}
      </Button>
      {isOpen ? <NewPersonDialog onClose={() => setIsOpen(false)} /> : null}
    </>
  )
}

function NewPersonDialog({ onClose }: { readonly onClose: () => void }) {
  const text = useText()
  const galleryChanged = useGalleryChanged()
  const [name, setName] = useState('')
  const announce = useAnnounce()
  const create = useWork({
    title: text.people.create,
    run: () => answerOf(api.POST('/api/persons', { body: { name: name.trim() } })),
    onDone: (person, isOpen) => {
      galleryChanged()
      if (isOpen) goTo(`/people/${person.id}`)
      else announce(text.people.created(person.name))
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (name.trim() !== '' && !create.isPending) create.mutate()
  }
  return (
    <Dialog title={text.people.create} onClose={onClose}>
      <form className="fields" onSubmit={submit}>
        <NameField value={name} hint={text.people.createHint} onChange={setName} />
        <ProblemText error={create.error} />
        <div className="actions end">
          <Button onClick={onClose}>{text.common.cancel}</Button>
          <Button look="main" type="submit" isBusy={create.isPending}>
            {text.people.createAction}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
