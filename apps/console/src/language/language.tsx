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

const Context = createContext<Chosen>({ language: 'en', choose: () => undefined })

/** Every text of the page in the language of whoever reads it. */
export function useText(): Text {
  return LANGUAGES[useContext(Context).language]
}

export function useLanguage(): Chosen {
  return useContext(Context)
}

export function LanguageProvider({ children }: { readonly children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(firstLanguage)
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])
  const chosen = useMemo(() => {
    const choose = (next: Language) => {
      window.localStorage.setItem(KEPT_AS, next)
      setLanguage(next)
    }
    return { language, choose }
  }, [language])
  return <Context value={chosen}>{children}</Context>
}

function firstLanguage(): Language {
  const wanted = [window.localStorage.getItem(KEPT_AS), ...window.navigator.languages]
  const known = wanted
    .map((tag) => tag?.slice(0, 2))
    .find((tag) => tag !== undefined && Object.hasOwn(LANGUAGES, tag))
  return (known as Language | undefined) ?? 'en'
}
