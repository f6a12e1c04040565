import {
  type AnchorHTMLAttributes,
  type MouseEvent,
  type RefObject,
  useEffect,
  useSyncExternalStore,
} from 'react'
import { goTo, MOVED, shownPath } from './moves.ts'
import { prefix } from './server/place.ts'

export { goTo } from './moves.ts'

/** A view that is shown again gets as high as it was within this, as what it shows is still at hand. */
const GROWS_WITHIN_MS = 2000

function subscribe(changed: () => void): () => void {
  window.addEventListener(MOVED, changed)
  return () => window.removeEventListener(MOVED, changed)
}

/** The path of the page in its parts: `['people', '0193…']`. */
export function usePath(): readonly string[] {
  return useSyncExternalStore(subscribe, shownPath)
    .split('/')
    .filter((part) => part !== '')
}

/** Back and forward lead to where one was in a view: the browser would scroll before the view is drawn. */
export function restoreScrolling(): void {
  window.history.scrollRestoration = 'manual'
  window.addEventListener(MOVED, (event) => {
    const top = Number((event as CustomEvent).detail)
    if (top === 0) window.scrollTo(0, 0)
    else scrollBackTo(top)
  })
}

function scrollBackTo(top: number): void {
  const until = performance.now() + GROWS_WITHIN_MS
  // Whoever scrolls, or goes on to another view, is not pulled back.
  const stopped = new AbortController()
  for (const event of ['wheel', 'touchmove', 'keydown', 'mousedown', 'popstate', MOVED])
    window.addEventListener(event, () => stopped.abort(), { signal: stopped.signal, once: true })
  const step = () => {
    if (stopped.signal.aborted) return
    window.scrollTo(0, top)
    if (Math.abs(window.scrollY - top) > 1 && performance.now() < until) requestAnimationFrame(step)
    else stopped.abort()
  }
  requestAnimationFrame(step)
}

/** Somebody came by a link, a key, or back; the page that the browser opened has its own way. */
let hasMoved = false
window.addEventListener(MOVED, () => {
  hasMoved = true
})

/**
 * Puts the focus on the title of a view that somebody came to: what had it is gone with the view of before, and those who
 * are read to would be at the beginning of the page. It stays where it is if the view gave it to something itself.
 */
export function useFocusOnArrival(title: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    if (!hasMoved) return
    const focus = () => {
      const held = document.activeElement
      const isInView = held !== title.current && title.current?.closest('main')?.contains(held)
      if (isInView !== true) title.current?.focus({ preventScroll: true })
    }
    focus()
    // A dialog that led here lets go of the page a moment later.
    const frame = requestAnimationFrame(focus)
    return () => cancelAnimationFrame(frame)
  }, [title])
}

interface LinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  readonly to: string
}

/** A real link: it can be opened in a tab of its own. */
export function Link({ to, onClick, ...others }: LinkProps) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event)
    if (event.defaultPrevented || event.button !== 0) return
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    goTo(to)
  }
  return <a href={prefix + to} onClick={follow} {...others} />
}
