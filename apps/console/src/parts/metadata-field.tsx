import { useState } from 'react'
import { useText } from '../language/language.tsx'
import { Field } from './field.tsx'

/** One value at one place of the metadata, as the server's lists and searches name it: `site.city` and `Bonn`. */
export interface MetadataCondition {
  readonly key: string
  readonly value: string
}

/** Of `site.city=Bonn`; null while the text names no key and no value. */
export function conditionIn(text: string): MetadataCondition | null {
  const at = text.indexOf('=')
  const [key, value] = [text.slice(0, at).trim(), text.slice(at + 1).trim()]
  return at < 1 || key === '' || value === '' ? null : { key, value }
}

interface MetadataFieldProps {
  readonly value: string
  /** Called once the text is whole: when Enter is pressed, or the field is left. */
  readonly onChange: (text: string) => void
}

/** Who has a certain value in the metadata. */
export function MetadataField({ value, onChange }: MetadataFieldProps) {
  const text = useText()
  const [typed, setTyped] = useState(value)
  const isHalf = typed.trim() !== '' && conditionIn(typed) === null
  const commit = () => {
    if (!isHalf && typed !== value) onChange(typed)
  }
  return (
    <Field label={text.people.metadata} hint={isHalf ? text.people.metadataHalf : undefined}>
      {(wiring) => (
        <input
          {...wiring}
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
