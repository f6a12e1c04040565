import { type KeyboardEvent, type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react'
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
  // A tile that is far away is drawn some time after its row was scrolled to.
  const wanted = useRef<number | null>(null)
  const focusWanted = () => {
    const tile = place.current?.querySelector<HTMLElement>(`[data-place="${wanted.current}"]`)
    tile?.focus({ preventScroll: true })
    return tile != null
  }
  useLayoutEffect(() => {
    if (wanted.current !== null) focusWanted()
  })
  const move = (to: number) => {
    const next = Math.min(total - 1, Math.max(0, to))
    setCurrent(next)
    toRow(Math.floor(next / columns))
    wanted.current = next
    // The tile of before goes out of sight, and would take the focus, and the next keys, with it.
    if (!focusWanted()) place.current?.focus({ preventScroll: true })
  }
  const onFocus = useCallback((on: number) => {
    wanted.current = null
    setCurrent(on)
  }, [])
  // The same at each rendering, so that tiles which did not change are not drawn anew.
  const toggle = useCallback((on: number, isRange: boolean) => {
    const person = latest.current.at(on)
    if (isRange) latest.current.onRange(Math.min(anchor.current, on), Math.max(anchor.current, on))
    else if (person !== undefined) latest.current.onToggle(person)
    anchor.current = on
    setCurrent(on)
  }, [])
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: columns,
    ArrowUp: -columns,
    Home: -current,
    End: total,
    PageDown: 4 * columns,
    PageUp: -4 * columns,
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = steps[event.key]
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
