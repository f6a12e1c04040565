import { type MouseEvent, memo } from 'react'
import { useText } from '../../language/language.tsx'
import { Icon } from '../../parts/icon.tsx'
import { PersonPicture } from '../../parts/person-picture.tsx'
import { goTo } from '../../router.tsx'
import type { Person } from '../../server/api.ts'

interface PersonTileProps {
  /** Undefined: still to come. The tile is there all the same, and may have the focus. */
  readonly person: Person | undefined
  readonly place: number
  readonly isSelected: boolean
  /** Somebody is selected: a click selects, too. */
  readonly isSelecting: boolean
  /** The tile that Tab leads to. */
  readonly isCurrent: boolean
  readonly onToggle: (place: number, isRange: boolean) => void
  readonly onFocus: (place: number) => void
}

/** A face and a name. A click opens the person; the mark at the corner selects. */
export const PersonTile = memo(function PersonTile(props: PersonTileProps) {
  const { person, place, isSelected, isSelecting, isCurrent, onToggle, onFocus } = props
  const text = useText()
  const select = (event: MouseEvent) => {
    event.stopPropagation()
    onToggle(place, event.shiftKey)
  }
  const click = (event: MouseEvent) => {
    if (isSelecting || event.ctrlKey || event.metaKey || event.shiftKey) select(event)
    else if (person !== undefined) goTo(`/people/${person.id}`)
  }
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid around it takes the keys
    // biome-ignore lint/a11y/useSemanticElements: nor is the grid a table
    <div
      role="gridcell"
      aria-selected={isSelected}
      aria-busy={person === undefined}
      tabIndex={isCurrent ? 0 : -1}
      data-place={place}
      className={isSelecting ? 'tile selecting' : 'tile'}
      onClick={click}
      onFocus={() => onFocus(place)}
    >
      {person === undefined ? (
        <>
          <span className="picture waiting" />
          <span className="tile-name to-come">{text.states.loading}</span>
        </>
      ) : (
        <>
          <PersonPicture personId={person.id} side={192} alt="" />
          {/* The keyboard selects by Space; a second stop in each tile would only be in its way. */}
          {/* biome-ignore lint/a11y/noStaticElementInteractions: for the mouse alone */}
          {/* biome-ignore lint/a11y/useKeyWithClickEvents: for the mouse alone */}
          <span className="tile-mark" title={text.people.select} onClick={select}>
            <Icon name="check" />
          </span>
          <span className="tile-name">{person.name}</span>
        </>
      )}
    </div>
  )
})
