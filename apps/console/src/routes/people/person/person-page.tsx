import { answerOf } from '@semblance/client'
import { useState } from 'react'
import { useFormats } from '../../../language/formats.ts'
import { useText } from '../../../language/language.tsx'
import { moveTo } from '../../../moves.ts'
import { Button } from '../../../parts/button.tsx'
import { Confirm } from '../../../parts/confirm.tsx'
import { Icon } from '../../../parts/icon.tsx'
import { useAnnounce } from '../../../parts/notices.tsx'
import { PageHead } from '../../../parts/page-head.tsx'
import { Barrier, barrierOf, Skeleton } from '../../../parts/states.tsx'
import { Link } from '../../../router.tsx'
import { api } from '../../../server/api.ts'
import { exportAddress } from '../../../server/export-address.ts'
import { useGalleryChanged } from '../../../server/queries.ts'
import { LookAlikes } from './look-alikes.tsx'
import { MergeDialog } from './merge-dialog.tsx'
import { PersonForm } from './person-form.tsx'
import { PersonHistory } from './person-history.tsx'
import { PersonImages } from './person-images.tsx'
import { usePerson } from './use-person.ts'
import type { WholePerson } from './whole-person.ts'

export function PersonPage({ personId }: { readonly personId: string }) {
  const person = usePerson(personId)
  if (person.data === undefined || barrierOf(person) !== null) return <Missing person={person} />
  return <PersonView person={person.data} />
}

/** Still to come, deleted in another tab, merged, or out of reach; the way back stays. */
function Missing({ person }: { readonly person: ReturnType<typeof usePerson> }) {
  const text = useText()
  return (
    <>
      <Link to="/people" className="back">
        <Icon name="back" /> {text.people.title}
      </Link>
      <PageHead title={text.shell.person} />
      {person.isPending ? <Skeleton kind="cards" /> : null}
      <Barrier of={person} />
    </>
  )
}

function PersonView({ person }: { readonly person: WholePerson }) {
  const text = useText()
  const formats = useFormats()
  const announce = useAnnounce()
  const galleryChanged = useGalleryChanged()
  const [open, setOpen] = useState<'merge' | 'delete' | null>(null)
  return (
    <>
      <Link to="/people" className="back">
        <Icon name="back" /> {text.people.title}
      </Link>
      <PageHead
        title={person.name}
        note={text.person.since(formats.time(person.createdAt), formats.time(person.updatedAt))}
      >
        <a className="button bare" href={exportAddress({ personId: person.id, format: 'tar' })} download>
          {text.person.export}
        </a>
        <Button icon="duplicates" onClick={() => setOpen('merge')}>
          {text.person.merge}
        </Button>
        <Button icon="trash" look="danger" onClick={() => setOpen('delete')}>
          {text.common.delete}
        </Button>
      </PageHead>
      <div className="person">
        <div className="person-main">
          <PersonImages person={person} />
          <LookAlikes person={person} />
          <PersonHistory personId={person.id} />
        </div>
        <PersonForm person={person} />
      </div>
      {open === 'merge' ? <MergeDialog person={person} onClose={() => setOpen(null)} /> : null}
      {open === 'delete' ? (
        <Confirm
          title={text.people.deleteTitle(1)}
          body={text.person.deleteBody(person.name)}
          action={text.common.delete}
          onClose={() => setOpen(null)}
          run={() =>
            answerOf(api.DELETE('/api/persons/{personId}', { params: { path: { personId: person.id } } }))
          }
          onDone={(isOpen) => {
            announce(text.person.erased(person.name))
            // Whoever closed the dialog may be elsewhere by now.
            if (isOpen) moveTo('/people')
            galleryChanged()
          }}
        />
      ) : null}
    </>
  )
}
