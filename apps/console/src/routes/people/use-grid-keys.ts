import { type KeyboardEvent, useCallback, useRef, useState } from 'react'
import { goTo } from '../../router.tsx'
import type { Person } from '../../server/api.ts'

/** A row that is far away is there some frames after it was scrolled to. */
const FRAMES_TO_COME = 20

interface GridKeys {
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
  const { total, columns, at, toRow } = grid
  const [current, setCurrent] = useState(0)
  const anchor = useRef(0)
  const latest = useRef(grid)
  latest.current = grid
  const move = (to: number) => {
    const next = Math.min(total - 1, Math.max(0, to))
    setCurrent(next)
    toRow(Math.floor(next / columns))
    focusSoon(next, FRAMES_TO_COME)
  }
  // The same at each rendering, so that tiles which did not change are not drawn anew.
  const toggle = useCallback((place: number, isRange: boolean) => {
    const person = latest.current.at(place)
    if (isRange) latest.current.onRange(Math.min(anchor.current, place), Math.max(anchor.current, place))
    else if (person !== undefined) latest.current.onToggle(person)
    anchor.current = place
    setCurrent(place)
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
  return { current, setCurrent, toggle, onKeyDown }
}

function focusSoon(place: number, frames: number): void {
  if (frames === 0) return
  requestAnimationFrame(() => {
    const tile = document.querySelector<HTMLElement>(`[data-place="${place}"]`)
    if (tile === null) focusSoon(place, frames - 1)
    else tile.focus({ preventScroll: true })
  })
}
