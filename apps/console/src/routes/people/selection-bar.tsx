import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useText } from '../../language/language.tsx'
import { Button } from '../../parts/button.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Live } from '../../parts/live.tsx'
import { useAnnounce } from '../../parts/notices.tsx'
import { ProblemText, SayableError, sayProblem } from '../../parts/states.tsx'
import { useGalleryChanged } from '../../server/queries.ts'
import { AddToGroupDialog } from './add-to-group-dialog.tsx'
import { ChosenPeople } from './chosen-people.tsx'
import { deletePersons } from './delete-persons.ts'
import { ExportDialog } from './export-dialog.tsx'
import { FilterActions, type FoundPeople } from './filter-actions.tsx'
import type { PeopleFilter } from './people-query.ts'
import type { Selection } from './use-selection.ts'

interface SelectionBarProps {
  readonly selection: Selection
  readonly filter: PeopleFilter
  readonly isGroup: boolean
  readonly found: FoundPeople
}

type Doing = 'group' | 'export' | 'delete' | 'who'

/** What can be done with those who are selected; with nobody selected, with all whom the filter leaves. */
export function SelectionBar({ selection, filter, isGroup, found }: SelectionBarProps) {
  const text = useText()
  const announce = useAnnounce()
  const galleryChanged = useGalleryChanged()
  const [open, setOpen] = useState<Doing | null>(null)
  // Before anything is done to them: nobody is meant who left the list, though it was not read again since.
  const prepare = useMutation({
    mutationFn: async (doing: Doing) => ((await selection.verify()) > 0 ? doing : null),
    // What was opened meanwhile stays: nothing else comes under the pointer in its place.
    onSuccess: (doing) => setOpen((before) => before ?? doing),
  })
  const { selected, deselect, clear } = selection
  const ids = [...selected.keys()]
  // A dialog does not come back with the next selection.
  if (ids.length === 0 && open !== null) setOpen(null)
  if (ids.length === 0) return <FilterActions filter={filter} isGroup={isGroup} found={found} />
  const close = () => setOpen(null)
  const begin = (doing: Doing) => ({
    isBusy: prepare.isPending && prepare.variables === doing,
    // One at a time.
    'aria-disabled': prepare.isPending || undefined,
    onClick: () => {
      if (!prepare.isPending) prepare.mutate(doing)
    },
  })
  return (
    <section className="selection" aria-label={text.people.selection}>
      <div className="selected">
        <Live as="b">{text.people.selected(ids.length)}</Live>
        <Button look="bare" onClick={() => setOpen('who')}>
          {text.people.showSelected}
        </Button>
        <Button icon="close" look="bare" onClick={clear}>
          <span>{text.people.selectNobody}</span>
        </Button>
      </div>
      <div className="actions">
        <Button icon="groups" {...begin('group')}>
          {text.people.addToGroup}
        </Button>
        <Button icon="export" {...begin('export')}>
          {text.people.exportSelected}
        </Button>
        <Button icon="trash" look="danger" {...begin('delete')}>
          {text.people.deleteSelected(ids.length)}
        </Button>
      </div>
      <ProblemText error={prepare.error} />
      {open === 'who' ? (
        <Dialog title={text.people.selectedTitle} onClose={close}>
          <ChosenPeople selected={selected} onDeselect={(id) => deselect([id])} />
        </Dialog>
      ) : null}
      {open === 'group' ? (
        <AddToGroupDialog
          personIds={ids}
          onClose={close}
          onAdded={(added, isOpen) => {
            if (isOpen) close()
            announce(text.people.addedToGroup(added.ids.length, added.group))
            deselect(added.ids)
            galleryChanged()
          }}
        />
      ) : null}
      {open === 'export' ? (
        <ExportDialog
          personIds={ids}
          onClose={close}
          onBegun={() => {
            close()
            announce(text.people.exportBegun(ids.length))
          }}
        />
      ) : null}
      {open === 'delete' ? <DeleteSelected selection={selection} onClose={close} /> : null}
    </section>
  )
}

interface DeleteSelectedProps {
  readonly selection: Selection
  readonly onClose: () => void
}

/** Everybody who will be gone is shown, and can be left out still. Where only some are deleted, it says so and keeps the others. */
function DeleteSelected({ selection: { selected, deselect }, onClose }: DeleteSelectedProps) {
  const text = useText()
  const announce = useAnnounce()
  const galleryChanged = useGalleryChanged()
  return (
    <Confirm
      title={text.people.deleteTitle(selected.size)}
      body={text.people.deleteBody}
      action={text.people.deleteSelected(selected.size)}
      onClose={onClose}
      run={async () => {
        const meant = [...selected.keys()]
        const { ids, error } = await deletePersons(meant)
        if (error === null) announce(text.people.deleted(ids.length))
        if (error === null || ids.length > 0) {
          deselect(ids)
          galleryChanged()
        }
        if (error !== null)
          throw new SayableError(text.people.deletedSome(ids.length, meant.length, sayProblem(error, text)))
      }}
    >
      <ChosenPeople selected={selected} onDeselect={(id) => deselect([id])} />
    </Confirm>
  )
}
