import { useText } from '../../language/language.tsx'
import { Button } from '../../parts/button.tsx'
import { PersonPicture } from '../../parts/person-picture.tsx'
import type { Selected } from './selection.ts'

interface ChosenPeopleProps {
  readonly selected: Selected
  readonly onDeselect: (id: string) => void
}

/** Everybody who is selected, with a face and a name, in sight of the list or not; each can be left out. */
export function ChosenPeople({ selected, onDeselect }: ChosenPeopleProps) {
  const text = useText()
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <ul className="chosen" aria-label={text.people.selection} tabIndex={0}>
      {[...selected].map(([id, { name }]) => (
        <li key={id}>
          <PersonPicture personId={id} side={96} alt="" />
          <span className="name">{name}</span>
          <Button
            look="bare"
            icon="close"
            aria-label={text.people.deselect(name)}
            onClick={() => onDeselect(id)}
          />
        </li>
      ))}
    </ul>
  )
}
