import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useText } from '../../language/language.tsx'
import { goTo } from '../../router.tsx'
import type { Person } from '../../server/api.ts'
import { PersonTile } from './person-tile.tsx'

/** Widths in pixels; a row is as high as a square tile and its name. */
const LEAST_TILE = 136
const GAP = 16
const NAME_HEIGHT = 32
/** More people are asked for before the last row is in sight, so that whoever scrolls does not wait at each page. */
const ROWS_AHEAD = 6

interface PeopleGridProps {
  readonly persons: readonly Person[]
  readonly selected: ReadonlySet<string>
  readonly onSelect: (selected: ReadonlySet<string>) => void
  /** The last row is in sight, or soon will be. */
  readonly onEnd: () => void
}

/**
 * Only rows in sight are there, so a hundred thousand people scroll. Arrows move; Enter opens; Space selects, with Shift
 * all between; Ctrl A selects all that are loaded, and Escape nobody.
 */
export function PeopleGrid({ persons, selected, onSelect, onEnd }: PeopleGridProps) {
  const text = useText()
  const place = useRef<HTMLDivElement>(null)
  const width = useWidth(place)
  const columns = Math.max(2, Math.floor((width + GAP) / (LEAST_TILE + GAP)))
  const rowHeight = (width - GAP * (columns - 1)) / columns + NAME_HEIGHT + GAP
  const rows = useWindowVirtualizer({
    count: Math.ceil(persons.length / columns),
    estimateSize: () => rowHeight,
    overscan: 3,
    scrollMargin: place.current?.offsetTop ?? 0,
  })
  useLayoutEffect(() => {
    if (rowHeight > 0) rows.measure()
  }, [rows, rowHeight])
  const items = rows.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if ((last + 1 + ROWS_AHEAD) * columns >= persons.length) onEnd()
  }, [last, columns, persons.length, onEnd])
  const keys = useGridKeys({ persons, columns, selected, onSelect, toRow: (row) => rows.scrollToIndex(row) })
  return (
    // biome-ignore lint/a11y/useSemanticElements: a table could not leave out the rows that are out of sight
    <div
      ref={place}
      role="grid"
      aria-label={text.people.grid}
      aria-multiselectable="true"
      aria-rowcount={-1}
      aria-colcount={columns}
      className="people-grid"
      style={{ height: rows.getTotalSize() }}
      onKeyDown={keys.onKeyDown}
    >
      {items.map(({ index, start }) => (
        // biome-ignore lint/a11y/useSemanticElements: as above
        <div
          key={index}
          role="row"
          aria-rowindex={index + 1}
          tabIndex={-1}
          className="people-row"
          style={{
            transform: `translateY(${start - rows.options.scrollMargin}px)`,
            gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
          }}
        >
          {persons.slice(index * columns, (index + 1) * columns).map((person, column) => (
            <PersonTile
              key={person.id}
              person={person}
              isSelected={selected.has(person.id)}
              isSelecting={selected.size > 0}
              isCurrent={keys.current === index * columns + column}
              place={index * columns + column}
              onToggle={keys.toggle}
            />
          ))}
        </div>
      ))}
    </div>
  )
}

function useWidth(place: React.RefObject<HTMLDivElement | null>): number {
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const { current } = place
    if (current === null) return
    setWidth(current.clientWidth)
    const observer = new ResizeObserver(() => setWidth(current.clientWidth))
    observer.observe(current)
    return () => observer.disconnect()
  }, [place])
  return width
}

interface GridKeys {
  readonly persons: readonly Person[]
  readonly columns: number
  readonly selected: ReadonlySet<string>
  readonly onSelect: (selected: ReadonlySet<string>) => void
  readonly toRow: (row: number) => void
}

function useGridKeys({ persons, columns, selected, onSelect, toRow }: GridKeys) {
  const [current, setCurrent] = useState(0)
  const anchor = useRef(0)
  const move = (to: number) => {
    const next = Math.min(persons.length - 1, Math.max(0, to))
    setCurrent(next)
    toRow(Math.floor(next / columns))
    // The row may have to be made first.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-place="${next}"]`)?.focus()),
    )
  }
  const toggle = useCallback(
    (at: number, isRange: boolean) => {
      const next = new Set(selected)
      const [from, to] = isRange ? [Math.min(anchor.current, at), Math.max(anchor.current, at)] : [at, at]
      const ids = persons.slice(from, to + 1).map(({ id }) => id)
      for (const id of ids) if (isRange || !next.delete(id)) next.add(id)
      anchor.current = at
      setCurrent(at)
      onSelect(next)
    },
    [persons, selected, onSelect],
  )
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: columns,
    ArrowUp: -columns,
    Home: -current,
    End: persons.length,
    PageDown: 4 * columns,
    PageUp: -4 * columns,
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = steps[event.key]
    if (step !== undefined) move(current + step)
    else if (event.key === ' ') toggle(current, event.shiftKey)
    else if (event.key === 'Enter') goTo(`/people/${persons[current]?.id}`)
    else if (event.key === 'Escape') onSelect(new Set())
    else if (event.key === 'a' && (event.ctrlKey || event.metaKey))
      onSelect(new Set(persons.map(({ id }) => id)))
    else return
    event.preventDefault()
  }
  return { current, toggle, onKeyDown }
}
