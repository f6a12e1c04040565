import { useEffect, useState } from 'react'
import { prefix } from './server/place.ts'

/** Told to the page once another view is to be shown; `detail` says how far down it was when somebody left it. */
export const MOVED = 'semblance:moved'

/** Asks whoever is about to leave a view; `go` leaves it. */
type Ask = (go: () => void) => void

let ask: Ask | null = null
/** The path of the view that is shown. The browser's own may run ahead of it while somebody is asked. */
let shown = here()
/** Of the browser's history, so that it is known how far one went in it. */
let place = placeIn(window.history.state) ?? 0
/** They were asked, and may leave. */
let isLet = false

function here(): string {
  return window.location.pathname.slice(prefix.length)
}

export function shownPath(): string {
  return shown
}

/** @param path begins with `/`; it holds ids at most, never a name or what somebody typed */
export function goTo(path: string): void {
  if (path !== shown) leave(() => moveTo(path))
}

/** Does what takes the view away, or asks before, if something there is not saved. */
export function leave(go: () => void): void {
  if (ask === null) go()
  else ask(go)
}

/** The same as `goTo`, for when nothing is left that could be saved. */
export function moveTo(path: string): void {
  window.history.replaceState({ place, scrolled: window.scrollY }, '')
  place += 1
  window.history.pushState({ place }, '', prefix + path)
  show(0)
}

function show(scrolled: number): void {
  shown = here()
  window.dispatchEvent(new CustomEvent(MOVED, { detail: scrolled }))
}

window.addEventListener('popstate', ({ state }) => {
  const next = placeIn(state)
  if (here() === shown) {
    // Within the view, such as to its content, or back in it after somebody was asked.
    place = next ?? place + 1
    if (next === null) window.history.replaceState({ place }, '')
    return
  }
  if (ask === null || isLet || next === null) {
    isLet = false
    place = next ?? place
    show(scrolledIn(state))
    return
  }
  // The browser has gone already: it comes back, and goes once more if they say so.
  const steps = next - place
  window.history.go(-steps)
  ask(() => {
    isLet = true
    window.history.go(steps)
  })
})

function placeIn(state: unknown): number | null {
  return numberIn(state, 'place')
}

function scrolledIn(state: unknown): number {
  return numberIn(state, 'scrolled') ?? 0
}

function numberIn(state: unknown, name: string): number | null {
  const value: unknown = typeof state === 'object' && state !== null ? Reflect.get(state, name) : null
  return typeof value === 'number' ? value : null
}

/**
 * Asks before a view is left in which something is not saved: by a link, a key, or back; the browser itself asks before the
 * page is closed or loaded anew.
 * @returns how to leave, once somebody wants to; null: nobody does
 */
export function useLeaving(isUnsaved: boolean) {
  const [go, setGo] = useState<(() => void) | null>(null)
  useEffect(() => {
    if (!isUnsaved) return
    const own: Ask = (next) => setGo(() => next)
    const keep = (event: BeforeUnloadEvent) => event.preventDefault()
    ask = own
    window.addEventListener('beforeunload', keep)
    return () => {
      if (ask === own) ask = null
      window.removeEventListener('beforeunload', keep)
    }
  }, [isUnsaved])
  return { go, stay: () => setGo(null) }
}
