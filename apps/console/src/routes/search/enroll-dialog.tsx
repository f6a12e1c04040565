import { answerOf } from '@semblance/client'
import { type FormEvent, useState } from 'react'
import { useText } from '../../language/language.tsx'
import { boxOf } from '../../parts/box.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { FaceCrop } from '../../parts/face-crop.tsx'
import { GroupChoice } from '../../parts/group-choice.tsx'
import { NameField } from '../../parts/name-field.tsx'
import { useAnnounce } from '../../parts/notices.tsx'
import { ProblemText } from '../../parts/states.tsx'
import { useWork } from '../../parts/use-work.ts'
import { addPicture } from '../../server/add-picture.ts'
import { api, type DetectedFace } from '../../server/api.ts'
import type { Probe } from './probes.tsx'
import { pictureOfFace, useSearchesAreOld } from './use-add-face.ts'

interface EnrollDialogProps {
  readonly probe: Probe
  readonly face: DetectedFace
  readonly isOnlyFace: boolean
  readonly onClose: () => void
}

/** A new person from one face. Where the face cannot be enrolled, nobody is left behind without a picture. */
export function EnrollDialog({ probe, face, isOnlyFace, onClose }: EnrollDialogProps) {
  const text = useText()
  const announce = useAnnounce()
  const searchesAreOld = useSearchesAreOld()
  const [name, setName] = useState('')
  const [groupId, setGroupId] = useState('')
  const enroll = useWork({
    title: text.search.enrollTitle,
    run: async () =>
      enrollPerson(
        { name: name.trim(), groupId },
        await pictureOfFace({ probe, face, isOnlyFace }, text.search.uncuttable),
      ),
    onDone: (_answer, isOpen) => {
      announce(text.search.enrolled(name.trim()))
      searchesAreOld()
      if (isOpen) onClose()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (name.trim() !== '' && !enroll.isPending) enroll.mutate()
  }
  return (
    <Dialog title={text.search.enrollTitle} onClose={onClose}>
      <form onSubmit={submit} className="enroll">
        <div className="enroll-crop">
          <FaceCrop url={probe.url} box={boxOf(face.roi)} alt={text.search.probeAlt} />
        </div>
        <div className="fields">
          <NameField value={name} onChange={setName} />
          <GroupChoice
            label={text.people.group}
            everybody={text.people.defaultGroup}
            value={groupId}
            onChange={setGroupId}
          />
          <ProblemText error={enroll.error} />
          <div className="actions end">
            <Button onClick={onClose}>{text.common.cancel}</Button>
            <Button look="main" type="submit" isBusy={enroll.isPending}>
              {text.search.enrollAction}
            </Button>
          </div>
        </div>
      </form>
    </Dialog>
  )
}

async function enrollPerson(
  fields: { readonly name: string; readonly groupId: string },
  picture: Blob,
): Promise<void> {
  const { name, groupId } = fields
  const body = { name, ...(groupId === '' ? {} : { groups: [groupId] }) }
  const person = await answerOf(api.POST('/api/persons', { body }))
  try {
    await addPicture(person.id, picture)
  } catch (error) {
    await api.DELETE('/api/persons/{personId}', { params: { path: { personId: person.id } } })
    throw error
  }
}
