import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from 'react'
import { useLanguage } from '../language/language.tsx'

/** At least so long, and long enough to read it. */
const SHOWN_MS = 6000
const READ_MS_A_CHARACTER = 80

const Announce = createContext<(message: string) => void>(() => undefined)

/** Says what was done, on the page and to those who are read to. */
export function useAnnounce(): (message: string) => void {
  return useContext(Announce)
}

export function Notices({ children }: { readonly children: ReactNode }) {
  const { language } = useLanguage()
  const [said, setSaid] = useState({ message: '', language })
  const spoken = useRef(language)
  spoken.current = language
  const timer = useRef<number | undefined>(undefined)
  const announce = useCallback((next: string) => {
    window.clearTimeout(timer.current)
    setSaid({ message: next, language: spoken.current })
    const shownMs = Math.max(SHOWN_MS, next.length * READ_MS_A_CHARACTER)
    timer.current = window.setTimeout(() => setSaid({ message: '', language: spoken.current }), shownMs)
  }, [])
  // Of before another language was chosen, it is no news.
  const message = said.language === language ? said.message : ''
  return (
    <Announce value={announce}>
      {children}
      <div className="notice-place" role="status" aria-live="polite">
        {message === '' ? null : <p className="notice">{message}</p>}
      </div>
    </Announce>
  )
}
