import { useGroups } from '../server/queries.ts'
import { Field } from './field.tsx'
import { useGroupNames } from './group-names.ts'

interface GroupChoiceProps {
  readonly label: string
  /** Of the choice without a group. */
  readonly everybody: string
  readonly value: string
  readonly onChange: (groupId: string) => void
}

/** One group, or none. */
export function GroupChoice({ label, everybody, value, onChange }: GroupChoiceProps) {
  const groups = useGroups()
  const nameOf = useGroupNames()
  return (
    <Field label={label}>
      {(wiring) => (
        <select {...wiring} value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
          <option value="">{everybody}</option>
          {groups.data?.map(({ id }) => (
            <option key={id} value={id}>
              {nameOf(id)}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}
