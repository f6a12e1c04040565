import { useText } from '../language/language.tsx'
import { Field } from './field.tsx'

/** The longest name that the server takes, in characters. */
const MOST_CHARACTERS = 1024

interface NameFieldProps {
  readonly value: string
  readonly hint?: string
  readonly onChange: (name: string) => void
}

/** The name of a new person, where the dialog begins. */
export function NameField({ value, hint, onChange }: NameFieldProps) {
  const text = useText()
  return (
    <Field label={text.people.name} hint={hint}>
      {(wiring) => (
        <input
          {...wiring}
          autoComplete="off"
          required
          maxLength={MOST_CHARACTERS}
          value={value}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
        />
      )}
    </Field>
  )
}
