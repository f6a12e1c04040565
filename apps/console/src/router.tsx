import { type AnchorHTMLAttributes, type MouseEvent, useSyncExternalStore } from 'react'
import { prefix } from './server/place.ts'

const MOVED = 'semblance:moved'

function subscribe(changed: () => void): () => void {
  window.addEventListener('popstate', changed)
  window.addEventListener(MOVED, changed)
  return () => {
    window.removeEventListener('popstate', changed)
    window.removeEventListener(MOVED, changed)
  }
}

function here(): string {
  return window.location.pathname.slice(prefix.length)
}

/** The path of the page in its parts: `['people', '0193…']`. */
export function usePath(): readonly string[] {
  return useSyncExternalStore(subscribe, here)
    .split('/')
    .filter((part) => part !== '')
}

/** @param path begins with `/`; it holds ids at most, never a name or what somebody typed */
export function goTo(path: string): void {
  if (path === here()) return
  window.history.pushState(null, '', prefix + path)
  window.dispatchEvent(new Event(MOVED))
  window.scrollTo(0, 0)
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
