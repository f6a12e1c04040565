import { answerOf } from '@semblance/client'
import { type FormEvent, useState } from 'react'
import { useText } from '../../language/language.tsx'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { GroupChoice } from '../../parts/group-choice.tsx'
import { useGroupNames } from '../../parts/group-names.ts'
import { ProblemText } from '../../parts/states.tsx'
import { useWork } from '../../parts/use-work.ts'
import { api } from '../../server/api.ts'

interface AddToGroupDialogProps {
  readonly personIds: readonly string[]
  readonly onClose: () => void
  /** @param isOpen false: the dialog was closed meanwhile */
  readonly onAdded: (added: Added, isOpen: boolean) => void
}

interface Added {
  readonly ids: readonly string[]
  readonly group: string
}

/**
 * Puts those who are selected into a group. It is chosen first and then said: whoever goes through a list by the arrow
 * keys changes its value with each of them.
 */
export function AddToGroupDialog({ personIds, onClose, onAdded }: AddToGroupDialogProps) {
  const text = useText()
  const nameOf = useGroupNames()
  const [groupId, setGroupId] = useState('')
  const add = useWork({
    title: text.people.addToGroupTitle(personIds.length),
    run: async () => {
      const params = { path: { groupId } }
      const added = [...personIds]
      await answerOf(api.PUT('/api/groups/{groupId}/persons', { params, body: { addItems: added } }))
      return { ids: added, group: nameOf(groupId) }
    },
    onDone: onAdded,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (groupId !== '' && !add.isPending) add.mutate()
  }
  return (
    <Dialog title={text.people.addToGroupTitle(personIds.length)} onClose={onClose}>
      <form onSubmit={submit} className="fields">
        <GroupChoice
          label={text.people.group}
          everybody={text.people.chooseGroup}
          value={groupId}
          onChange={setGroupId}
        />
        <ProblemText error={add.error} />
        <div className="actions end">
          <Button onClick={onClose}>{text.common.cancel}</Button>
          <Button look="main" type="submit" disabled={groupId === ''} isBusy={add.isPending}>
            {text.people.addAction}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
