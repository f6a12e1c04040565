import {
  type KeyboardEvent,
  type RefObject,
  useCallback,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { goTo } from '../../router.tsx'
import type { Person } from '../../server/api.ts'

interface GridKeys {
  readonly place: RefObject<HTMLElement | null>
  readonly total: number
  readonly columns: number
  readonly at: (place: number) => Person | undefined
  readonly onToggle: (person: Person) => void
  readonly onRange: (from: number, to: number) => void
  readonly onNobody: () => void
  readonly toRow: (row: number) => void
}

/** The tile that the keys are at, and what each of them does. */
export function useGridKeys(grid: GridKeys) {
  const { place, total, columns, at, toRow } = grid
  const [current, setCurrent] = useState(0)
  const anchor = useRef(0)
  const latest = useRef(grid)
  latest.current = grid
  const focus = useTileFocus(place)
  const move = (to: number) => {
    const next = Math.min(total - 1, Math.max(0, to))
    setCurrent(next)
    toRow(Math.floor(next / columns))
    focus.goTo(next)
  }
  const onFocus = useCallback(
    (on: number) => {
      focus.hasCome()
      setCurrent(on)
    },
    [focus],
  )
  // The same at each rendering, so that tiles which did not change are not drawn anew.
  const toggle = useCallback((on: number, isRange: boolean) => {
    const person = latest.current.at(on)
    if (isRange) latest.current.onRange(Math.min(anchor.current, on), Math.max(anchor.current, on))
    else if (person !== undefined) latest.current.onToggle(person)
    anchor.current = on
    setCurrent(on)
  }, [])
  const onKeyDown = (event: KeyboardEvent) => {
    const step = stepsOf(grid, current)[event.key]
    const person = at(current)
    if (step !== undefined) move(current + step)
    else if (event.key === ' ') toggle(current, event.shiftKey)
    else if (event.key === 'Enter' && person !== undefined) goTo(`/people/${person.id}`)
    else if (event.key === 'Escape') grid.onNobody()
    else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) grid.onRange(0, total - 1)
    else return
    event.preventDefault()
  }
  return { current, onFocus, toggle, onKeyDown }
}

/** How many places on each key goes. */
function stepsOf(
  { columns, total }: Pick<GridKeys, 'columns' | 'total'>,
  current: number,
): Readonly<Record<string, number>> {
  return {
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: columns,
    ArrowUp: -columns,
    Home: -current,
    End: total,
    PageDown: 4 * columns,
    PageUp: -4 * columns,
  }
}

/** Brings the focus to a tile, also to one that is far away and is drawn some time after its row was scrolled to. */
function useTileFocus(place: RefObject<HTMLElement | null>) {
  const wanted = useRef<number | null>(null)
  const focus = useMemo(() => {
    const toWanted = () => {
      const tile = place.current?.querySelector<HTMLElement>(`[data-place="${wanted.current}"]`)
      tile?.focus({ preventScroll: true })
      return tile != null
    }
    const goTo = (tile: number) => {
      wanted.current = tile
      // The tile of before goes out of sight, and would take the focus, and the next keys, with it.
      if (!toWanted()) place.current?.focus({ preventScroll: true })
    }
    /** Some tile has the focus: the one that was wanted, or where somebody went meanwhile. */
    const hasCome = () => {
      wanted.current = null
    }
    return { toWanted, goTo, hasCome }
  }, [place])
  useLayoutEffect(() => {
    if (wanted.current !== null) focus.toWanted()
  })
  return focus
}
