import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react'
import { de } from './de.ts'
import { en, type Text } from './en.ts'

export const LANGUAGES = { en, de } satisfies Record<string, Text>
export type Language = keyof typeof LANGUAGES

const KEPT_AS = 'semblance-language'

interface Chosen {
  readonly language: Language
  readonly choose: (language: Language) => void
}

/** So long after a change of the language, texts that change are the same in other words. */
const NEW_FOR_MS = 1000

const Context = createContext<Chosen>({ language: 'en', choose: () => undefined })
const IsNew = createContext(false)

/** Every text of the page in the language of whoever reads it. */
export function useText(): Text {
  return LANGUAGES[useContext(Context).language]
}

export function useLanguage(): Chosen {
  return useContext(Context)
}

/** True for a moment after another language was chosen. */
export function useIsLanguageNew(): boolean {
  return useContext(IsNew)
}

export function LanguageProvider({ children }: { readonly children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(firstLanguage)
  const [isNew, setIsNew] = useState(false)
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])
  useEffect(() => {
    if (!isNew) return
    const timer = window.setTimeout(() => setIsNew(false), NEW_FOR_MS)
    return () => window.clearTimeout(timer)
  }, [isNew])
  const chosen = useMemo(() => {
    const choose = (next: Language) => {
      window.localStorage.setItem(KEPT_AS, next)
      setLanguage(next)
      setIsNew(true)
    }
    return { language, choose }
  }, [language])
  return (
    <Context value={chosen}>
      <IsNew value={isNew}>{children}</IsNew>
    </Context>
  )
}

function firstLanguage(): Language {
  const wanted = [window.localStorage.getItem(KEPT_AS), ...window.navigator.languages]
  const known = wanted
    .map((tag) => tag?.slice(0, 2))
    .find((tag) => tag !== undefined && Object.hasOwn(LANGUAGES, tag))
  return (known as Language | undefined) ?? 'en'
}
