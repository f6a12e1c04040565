import { useRef, useState } from 'react'
import { useText } from '../language/language.tsx'
import { Button } from './button.tsx'
import { Field } from './field.tsx'
import { conditionIn, MOST_CONDITIONS } from './metadata-conditions.ts'

interface MetadataFieldProps {
  /** Each such as `department=reception`; empty: anybody. */
  readonly value: readonly string[]
  /** Called once a text is whole: when Enter is pressed, or its field is left. */
  readonly onChange: (texts: readonly string[]) => void
}

/** Who has certain values in the metadata: one field for each, and all of them must hold. */
export function MetadataField({ value, onChange }: MetadataFieldProps) {
  const text = useText()
  /** A field without a text was just added. */
  const [hasMore, setHasMore] = useState(false)
  const added = useRef(false)
  const texts = value.length === 0 || hasMore ? [...value, ''] : value
  const change = (place: number, next: string) => {
    const changed = texts.with(place, next).filter((one) => one !== '')
    if (place === value.length) setHasMore(false)
    onChange(changed)
  }
  return (
    <div className="conditions">
      {texts.map((one, place) => (
        <ConditionField
          // biome-ignore lint/suspicious/noArrayIndexKey: a field is known by its place and its text
          key={`${place} ${one}`}
          label={place === 0 ? text.people.metadata : text.people.metadataMore(place + 1)}
          value={one}
          isAdded={added.current && place === texts.length - 1}
          onChange={(next) => change(place, next)}
          onLeftEmpty={place > 0 ? () => setHasMore(false) : undefined}
        />
      ))}
      {value.length > 0 && value.length < MOST_CONDITIONS && !hasMore ? (
        <Button
          look="bare"
          icon="plus"
          onClick={() => {
            added.current = true
            setHasMore(true)
          }}
        >
          {text.people.metadataAnd}
        </Button>
      ) : null}
    </div>
  )
}

interface ConditionFieldProps {
  readonly label: string
  readonly value: string
  readonly isAdded: boolean
  readonly onChange: (text: string) => void
  readonly onLeftEmpty: (() => void) | undefined
}

function ConditionField({ label, value, isAdded, onChange, onLeftEmpty }: ConditionFieldProps) {
  const text = useText()
  const [typed, setTyped] = useState(value)
  const isHalf = typed.trim() !== '' && conditionIn(typed) === null
  const commit = () => {
    if (!isHalf && typed.trim() !== value) onChange(typed.trim())
    else if (typed.trim() === '') onLeftEmpty?.()
  }
  return (
    <Field label={label} hint={isHalf ? text.people.metadataHalf : undefined}>
      {(wiring) => (
        <input
          {...wiring}
          // biome-ignore lint/a11y/noAutofocus: the button that made it was just pressed
          autoFocus={isAdded && value === ''}
          type="search"
          autoComplete="off"
          spellCheck={false}
          placeholder={text.people.metadataHint}
          value={typed}
          onChange={({ currentTarget }) => {
            setTyped(currentTarget.value)
            // Emptied by the browser's own button, which is no key press.
            if (currentTarget.value === '' && value !== '') onChange('')
          }}
          onBlur={commit}
          onKeyDown={({ key }) => {
            if (key === 'Enter') commit()
          }}
        />
      )}
    </Field>
  )
}
