import type { ReactNode } from 'react'
import { useFormats } from '../../../language/formats.ts'
import { useText } from '../../../language/language.tsx'
import { Button } from '../../../parts/button.tsx'
import { useGroupNames } from '../../../parts/group-names.ts'
import { Icon } from '../../../parts/icon.tsx'
import { Live } from '../../../parts/live.tsx'
import { type DraftField, type FormState, laidOut } from './form-state.ts'
import type { Draft } from './person-draft.ts'

interface PersonConflictsProps {
  readonly form: FormState
  readonly onChoose: (field: DraftField, whose: 'mine' | 'stored') => void
}

/** Fields that two people changed at once: what is stored now beside what was typed, and which of them is to stay. */
export function PersonConflicts({ form, onChoose }: PersonConflictsProps) {
  const text = useText()
  const { conflicts, was, draft } = form
  if (conflicts.length === 0) return null
  return (
    <Live as="div" role="alert" className="conflicts">
      <h3 className="conflicts-title">
        <Icon name="warning" /> {text.conflicts.title}
      </h3>
      <p className="small">{text.conflicts.hint}</p>
      {conflicts.map((field) => (
        <fieldset key={field} className="conflict">
          <legend>{text.conflicts.fields[field]}</legend>
          <Side
            title={text.conflicts.stored}
            action={text.conflicts.take}
            onChoose={() => onChoose(field, 'stored')}
          >
            <Value field={field} draft={was} />
          </Side>
          <Side
            title={text.conflicts.typed}
            action={text.conflicts.keep}
            onChoose={() => onChoose(field, 'mine')}
          >
            <Value field={field} draft={draft} />
          </Side>
        </fieldset>
      ))}
    </Live>
  )
}

interface SideProps {
  readonly title: string
  readonly action: string
  readonly onChoose: () => void
  readonly children: ReactNode
}

function Side({ title, action, onChoose, children }: SideProps) {
  return (
    <div className="conflict-side">
      <span className="small quiet">{title}</span>
      {children}
      <Button onClick={onChoose}>{action}</Button>
    </div>
  )
}

function Value({ field, draft }: { readonly field: DraftField; readonly draft: Draft }) {
  const text = useText()
  const formats = useFormats()
  const nameOf = useGroupNames()
  if (field === 'metadata') return <pre className="code">{laidOut(draft.metadata)}</pre>
  if (draft[field].length === 0) return <em className="quiet">{text.conflicts.nothing}</em>
  if (field === 'expireAt') return <b>{formats.time(draft.expireAt)}</b>
  if (field !== 'groups') return <b>{draft[field]}</b>
  return <b>{draft.groups.map(nameOf).join(', ')}</b>
}
