import { SemblanceProblem } from '@semblance/client'
import type { ReactNode } from 'react'
import { useText } from '../language/language.tsx'
import { EmptyFile } from '../server/form.ts'
import { isUnreachable } from '../server/unreachable.ts'
import { Button } from './button.tsx'
import { Icon, type IconName } from './icon.tsx'
import { Live } from './live.tsx'

interface EmptyProps {
  readonly icon: IconName
  readonly title: string
  readonly children?: ReactNode
}

/** Nothing is there, and what to do about it. */
export function Empty({ icon, title, children }: EmptyProps) {
  return (
    <div className="state">
      <Icon name={icon} />
      <h2 className="lead">{title}</h2>
      {children}
    </div>
  )
}

interface Asked {
  readonly data: unknown
  readonly error: unknown
}

/**
 * What stands in the way of showing a query; null: nothing. What was read before stays in sight while the server is away or
 * fails. Where it says that there is no such thing any more, or no right to it, that is what is so now.
 */
export function barrierOf({ data, error }: Asked): unknown {
  if (error === null || error === undefined) return null
  const isAnswer = error instanceof SemblanceProblem && error.status < 500 && error.status !== 401
  return data === undefined || isAnswer ? error : null
}

/** The same as it is shown; nothing where nothing stands in the way. */
export function Barrier({ of }: { readonly of: Asked & { readonly refetch: () => unknown } }) {
  const barrier = barrierOf(of)
  return barrier === null ? null : <Problem error={barrier} onRetry={() => void of.refetch()} />
}

/** What went wrong, in words, and what can be done: asking again, another key, or waiting for the server. */
export function Problem({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  const text = useText()
  const kind = kindOf(error)
  return (
    <Live as="div" role="alert" className={`state problem ${kind}`}>
      <Icon name={ICONS[kind]} />
      <h2 className="lead">{text.states[kind]}</h2>
      <p>{HINTS[kind] === null ? sayProblem(error, text) : text.states[HINTS[kind]]}</p>
      {kind === 'busy' && error instanceof SemblanceProblem ? (
        <p className="small quiet" lang="en">
          {error.message}
        </p>
      ) : null}
      {error instanceof SemblanceProblem && error.requestId !== null && kind === 'failed' ? (
        <p className="small quiet">{text.states.requestId(error.requestId)}</p>
      ) : null}
      {onRetry === undefined || kind === 'noRight' || kind === 'gone' ? null : (
        <Button onClick={onRetry}>{text.states.again}</Button>
      )}
    </Live>
  )
}

const ICONS = {
  noRight: 'lock',
  gone: 'search',
  away: 'offline',
  busy: 'offline',
  failed: 'warning',
} as const
/** Null: what the error itself says. */
const HINTS = { noRight: null, gone: 'goneHint', away: null, busy: 'busyHint', failed: null } as const

function kindOf(error: unknown): keyof typeof ICONS {
  if (isUnreachable(error)) return 'away'
  if (!(error instanceof SemblanceProblem)) return 'failed'
  if (error.status === 404) return 'gone'
  if (error.status === 503) return 'busy'
  return error.status === 403 && error.type !== 'WriteTokenRefused' ? 'noRight' : 'failed'
}

/** The same within a form. */
export function ProblemText({ error }: { readonly error: unknown }) {
  const text = useText()
  if (error === null || error === undefined) return null
  return (
    <Live role="alert" className="problem-text">
      <Icon name="warning" /> {sayProblem(error, text)}
    </Live>
  )
}

type Text = ReturnType<typeof useText>

export function sayProblem(error: unknown, text: Text): string {
  if (error instanceof SayableError) return error.message
  if (error instanceof EmptyFile) return text.states.emptyFile
  if (isUnreachable(error)) return text.states.unreachable
  if (!(error instanceof SemblanceProblem)) return text.states.unexpected
  if (error.type === 'WriteTokenRefused') return text.states.otherSession
  if (error.status === 401) return text.states.signedOut
  if (error.status === 403) return text.states.noRightHint
  if (error.status === 413) return text.states.tooLarge
  if (error.status === 503) return text.states.busyWith(error.message)
  return error.message
}

/** What is wrong, said already in the words of the page. */
export class SayableError extends Error {}

/** Where a picture or a line will stand. */
export function Skeleton({ kind }: { readonly kind: 'tiles' | 'rows' | 'cards' | 'lines' }) {
  const text = useText()
  const count = kind === 'tiles' ? 24 : 6
  return (
    <Live as="div" className={`skeleton ${kind}`} aria-label={text.states.loading}>
      {Array.from({ length: count }, (_, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike and never move
        <span key={place} />
      ))}
    </Live>
  )
}
