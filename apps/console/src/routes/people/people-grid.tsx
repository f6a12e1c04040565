import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useText } from '../../language/language.tsx'
import type { Person } from '../../server/api.ts'
import { PersonTile } from './person-tile.tsx'
import type { Selected } from './selection.ts'
import { useGridKeys } from './use-grid-keys.ts'

/** Widths in pixels; a row is as high as a square tile and its name. */
const LEAST_TILE = 136
const GAP = 16
const NAME_HEIGHT = 32
/** People are asked for so many rows before they are in sight, so that whoever scrolls does not wait at each page. */
const ROWS_AHEAD = 6
const OVERSCAN = 3

interface PeopleGridProps {
  readonly total: number
  readonly isTotalKnown: boolean
  readonly at: (place: number) => Person | undefined
  readonly selected: Selected
  readonly onToggle: (person: Person) => void
  /** All between two places, both included. */
  readonly onRange: (from: number, to: number) => void
  readonly onNobody: () => void
  readonly onSight: (from: number, to: number) => void
}

/**
 * Only rows in sight are there, so a hundred thousand people scroll. Arrows move; Enter opens; Space selects, with Shift
 * all between; Ctrl A selects all, and Escape nobody.
 */
export function PeopleGrid(props: PeopleGridProps) {
  const { total, isTotalKnown, at, selected, onSight } = props
  const text = useText()
  const place = useRef<HTMLDivElement>(null)
  const width = useWidth(place)
  const columns = Math.max(2, Math.floor((width + GAP) / (LEAST_TILE + GAP)))
  const rowHeight = (width - GAP * (columns - 1)) / columns + NAME_HEIGHT + GAP
  const rowCount = Math.ceil(total / columns)
  const rows = useWindowVirtualizer({
    count: rowCount,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    scrollMargin: place.current?.offsetTop ?? 0,
  })
  useLayoutEffect(() => {
    if (rowHeight > 0) rows.measure()
  }, [rows, rowHeight])
  const items = rows.getVirtualItems()
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0]
  useEffect(() => {
    const to = Math.min(total - 1, (last + 1 + ROWS_AHEAD) * columns - 1)
    onSight(Math.max(0, (first - ROWS_AHEAD) * columns), to)
  }, [first, last, columns, total, onSight])
  const toRow = useCallback((row: number) => rows.scrollToIndex(row), [rows])
  const keys = useGridKeys({ ...props, place, columns, toRow })
  // Tab leads into the grid wherever it was scrolled to.
  const isCurrentThere = keys.current >= first * columns && keys.current < (last + 1) * columns
  const stop = isCurrentThere ? keys.current : Math.min(last, first + OVERSCAN) * columns
  return (
    // biome-ignore lint/a11y/useSemanticElements: a table could not leave out the rows that are out of sight
    <div
      ref={place}
      role="grid"
      aria-label={text.people.grid}
      aria-multiselectable="true"
      aria-rowcount={isTotalKnown ? rowCount : -1}
      aria-colcount={columns}
      tabIndex={-1}
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
          {placesOf(index, columns, total).map((one) => (
            <PersonTile
              key={one}
              person={at(one)}
              isSelected={selected.has(at(one)?.id ?? '')}
              isSelecting={selected.size > 0}
              isCurrent={stop === one}
              place={one}
              onToggle={keys.toggle}
              onFocus={keys.onFocus}
            />
          ))}
        </div>
      ))}
    </div>
  )
}

function placesOf(row: number, columns: number, total: number): readonly number[] {
  const from = row * columns
  return Array.from({ length: Math.min(columns, total - from) }, (_, column) => from + column)
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
