import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from 'react'

const SHOWN_MS = 6000

const Announce = createContext<(message: string) => void>(() => undefined)

/** Says what was done, on the page and to those who are read to. */
export function useAnnounce(): (message: string) => void {
  return useContext(Announce)
}

export function Notices({ children }: { readonly children: ReactNode }) {
  const [message, setMessage] = useState('')
  const timer = useRef<number | undefined>(undefined)
  const announce = useCallback((next: string) => {
    window.clearTimeout(timer.current)
    setMessage(next)
    timer.current = window.setTimeout(() => setMessage(''), SHOWN_MS)
  }, [])
  return (
    <Announce value={announce}>
      {children}
      <div className="notice-place" role="status" aria-live="polite">
        {message === '' ? null : <p className="notice">{message}</p>}
      </div>
    </Announce>
  )
}
