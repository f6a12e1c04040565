import { type ReactNode, useState } from 'react'
import { LANGUAGES, type Language, useLanguage, useText } from './language/language.tsx'
import { keepTheme, keptTheme, THEMES, type Theme } from './look/theme.ts'
import { leave } from './moves.ts'
import { AwayNotice } from './parts/away-notice.tsx'
import { Button } from './parts/button.tsx'
import { Icon, type IconName } from './parts/icon.tsx'
import { Link, usePath } from './router.tsx'
import { prefix } from './server/place.ts'
import { type Session, useSignOut } from './server/session.ts'

const VIEWS = [
  'search',
  'compare',
  'people',
  'groups',
  'duplicates',
  'imports',
  'system',
] as const satisfies readonly IconName[]

interface ShellProps {
  readonly session: Session
  readonly children: ReactNode
}

/** The views at the side, or below on a phone, and what is shown of one. */
export function Shell({ session, children }: ShellProps) {
  const text = useText()
  const [view = 'search'] = usePath()
  return (
    <div className="shell">
      <a className="skip" href="#content">
        {text.shell.skip}
      </a>
      <header className="side">
        <Link to="/search" className="wordmark">
          <Mark /> <span>Semblance</span>
        </Link>
        <nav aria-label={text.shell.views}>
          {VIEWS.map((name) => (
            <Link key={name} to={`/${name}`} aria-current={view === name ? 'page' : undefined}>
              <Icon name={name} /> <span>{text.shell[name]}</span>
            </Link>
          ))}
        </nav>
        <Tools session={session} />
      </header>
      <main id="content" tabIndex={-1}>
        <AwayNotice />
        {children}
      </main>
    </div>
  )
}

/** What the server tells of a key that the settings give no name; nobody knows a key by it. */
const IS_HASH = /^[0-9a-f]{16}$/

function Tools({ session }: { readonly session: Session }) {
  const text = useText()
  const { language, choose } = useLanguage()
  const [theme, setTheme] = useState<Theme>(keptTheme)
  const signOut = useSignOut()
  return (
    <section className="tools" aria-label={text.shell.tools}>
      <a href={`${prefix}/docs`}>
        <Icon name="api" /> <span>{text.shell.api}</span>
      </a>
      <select
        aria-label={text.shell.theme}
        value={theme}
        onChange={({ currentTarget }) => {
          const next = currentTarget.value as Theme
          setTheme(next)
          keepTheme(next)
        }}
      >
        {THEMES.map((name) => (
          <option key={name} value={name}>
            {text.shell.themes[name]}
          </option>
        ))}
      </select>
      <select
        aria-label={text.shell.language}
        value={language}
        onChange={({ currentTarget }) => choose(currentTarget.value as Language)}
      >
        {Object.keys(LANGUAGES).map((name) => (
          <option key={name} value={name} lang={name}>
            {new Intl.DisplayNames([name], { type: 'language' }).of(name)}
          </option>
        ))}
      </select>
      {session.keysAreSet ? (
        <div className="who">
          {session.keyName === null ? null : (
            <p className="small quiet" title={session.keyName}>
              {IS_HASH.test(session.keyName) ? text.shell.signedIn : text.shell.signedInAs(session.keyName)}
            </p>
          )}
          <Button look="bare" onClick={() => leave(() => void signOut())}>
            {text.shell.signOut}
          </Button>
        </div>
      ) : null}
    </section>
  )
}

function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M8 13V10a2 2 0 0 1 2-2h3M19 8h3a2 2 0 0 1 2 2v3M24 19v3a2 2 0 0 1-2 2h-3M13 24h-3a2 2 0 0 1-2-2v-3" />
      <circle cx="16" cy="16" r="3.4" />
    </svg>
  )
}
