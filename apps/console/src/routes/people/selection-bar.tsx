import { answerOf } from '@semblance/client'
import { useState } from 'react'
import { useText } from '../../language/language.tsx'
import { Button } from '../../parts/button.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { useAnnounce } from '../../parts/notices.tsx'
import { api } from '../../server/api.ts'
import { useGalleryChanged } from '../../server/queries.ts'
import { AddToGroupDialog } from './add-to-group-dialog.tsx'
import { ExportDialog } from './export-dialog.tsx'
import { FilterActions } from './filter-actions.tsx'
import type { Selected } from './people-list.tsx'
import type { PeopleFilter } from './people-query.ts'

/** So many deletions are under way at once. */
const AT_ONCE = 4

interface SelectionBarProps {
  readonly selected: Selected
  readonly filter: PeopleFilter
  readonly isGroup: boolean
  readonly onDone: () => void
}

/** What can be done with those who are selected; with nobody selected, with all whom the filter leaves. */
export function SelectionBar({ selected, filter, isGroup, onDone }: SelectionBarProps) {
  const text = useText()
  const announce = useAnnounce()
  const galleryChanged = useGalleryChanged()
  const [open, setOpen] = useState<'group' | 'export' | 'delete' | null>(null)
  const ids = [...selected.keys()]
  const names = [...selected.values()]
  if (ids.length === 0) return <FilterActions filter={filter} isGroup={isGroup} />
  const finish = (message: string) => {
    setOpen(null)
    announce(message)
    galleryChanged()
    onDone()
  }
  return (
    <section className="selection" aria-label={text.people.selection}>
      <b role="status">{text.people.selected(ids.length)}</b>
      <div className="actions">
        <Button icon="groups" onClick={() => setOpen('group')}>
          {text.people.addToGroup}
        </Button>
        <Button onClick={() => setOpen('export')}>{text.people.exportSelected}</Button>
        <Button icon="trash" look="danger" onClick={() => setOpen('delete')}>
          {text.people.deleteSelected(ids.length)}
        </Button>
        <Button icon="close" look="bare" onClick={onDone}>
          {text.people.selectNobody}
        </Button>
      </div>
      {open === 'group' ? (
        <AddToGroupDialog
          personIds={ids}
          onClose={() => setOpen(null)}
          onAdded={(group) => finish(text.people.addedToGroup(ids.length, group))}
        />
      ) : null}
      {open === 'export' ? (
        <ExportDialog
          personIds={ids}
          onClose={() => setOpen(null)}
          onBegun={() => {
            setOpen(null)
            announce(text.people.exportBegun(ids.length))
          }}
        />
      ) : null}
      {open === 'delete' ? (
        <Confirm
          title={text.people.deleteTitle(ids.length)}
          body={text.people.deleteBody(names.slice(0, 5).join(', '), Math.max(0, names.length - 5))}
          action={text.people.deleteSelected(ids.length)}
          onClose={() => setOpen(null)}
          run={async () => {
            await deletePersons(ids)
            finish(text.people.deleted(ids.length))
          }}
        />
      ) : null}
    </section>
  )
}

async function deletePersons(ids: readonly string[]): Promise<void> {
  const waiting = [...ids]
  const work = async () => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const answer = api.DELETE('/api/persons/{personId}', { params: { path: { personId: id } } })
      // Somebody else may have deleted them meanwhile.
      if ((await answer).response.status !== 404) await answerOf(answer)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}
