import { useRef } from 'react'
import { useText } from '../language/language.tsx'
import { Button } from './button.tsx'
import { Field } from './field.tsx'
import { conditionIn, MOST_CONDITIONS } from './metadata-conditions.ts'

interface MetadataFieldProps {
  /** Each such as `department=reception`, as it was typed; empty: anybody. One that is not whole is no condition. */
  readonly value: readonly string[]
  /** Called with each letter. */
  readonly onChange: (texts: readonly string[]) => void
}

/** Who has certain values in the metadata: one field for each, and all of them must hold. */
export function MetadataField({ value, onChange }: MetadataFieldProps) {
  const text = useText()
  const added = useRef(false)
  const texts = value.length === 0 ? [''] : value
  return (
    <div className="conditions">
      {texts.map((one, place) => (
        <ConditionField
          // biome-ignore lint/suspicious/noArrayIndexKey: a field is known by its place
          key={place}
          label={place === 0 ? text.people.metadata : text.people.metadataMore(place + 1)}
          value={one}
          isAdded={added.current && place === texts.length - 1}
          onChange={(next) => onChange(texts.with(place, next))}
          // Not while somebody is in it, who may go on to type.
          onLeftEmpty={() => onChange(texts.toSpliced(place, 1))}
        />
      ))}
      {texts.length < MOST_CONDITIONS && !texts.includes('') ? (
        <Button
          look="bare"
          icon="plus"
          onClick={() => {
            added.current = true
            onChange([...texts, ''])
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
  readonly onLeftEmpty: () => void
}

function ConditionField({ label, value, isAdded, onChange, onLeftEmpty }: ConditionFieldProps) {
  const text = useText()
  const isEmpty = value.trim() === ''
  const isHalf = !isEmpty && conditionIn(value) === null
  return (
    <Field label={label} hint={isHalf ? text.people.metadataHalf : undefined}>
      {(wiring) => (
        <input
          {...wiring}
          // biome-ignore lint/a11y/noAutofocus: the button that made it was just pressed
          autoFocus={isAdded && isEmpty}
          type="search"
          autoComplete="off"
          spellCheck={false}
          placeholder={text.people.metadataHint}
          value={value}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
          onBlur={() => {
            if (isEmpty) onLeftEmpty()
          }}
        />
      )}
    </Field>
  )
}
