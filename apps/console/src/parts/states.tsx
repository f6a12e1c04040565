import { SemblanceProblem } from '@semblance/client'
import type { ReactNode } from 'react'
import { useText } from '../language/language.tsx'
import { Button } from './button.tsx'
import { Icon, type IconName } from './icon.tsx'

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

/** What went wrong, in words, and what can be done: asking again, or another key. */
export function Problem({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  const text = useText()
  const isForbidden = error instanceof SemblanceProblem && error.status === 403
  return (
    <div className="state problem" role="alert">
      <Icon name="warning" />
      <h2 className="lead">{isForbidden ? text.states.noRight : text.states.failed}</h2>
      <p>{isForbidden ? text.states.noRightHint : sayProblem(error, text)}</p>
      {error instanceof SemblanceProblem && error.requestId !== null ? (
        <p className="small quiet">{text.states.requestId(error.requestId)}</p>
      ) : null}
      {onRetry === undefined || isForbidden ? null : <Button onClick={onRetry}>{text.states.again}</Button>}
    </div>
  )
}

/** The same within a form. */
export function ProblemText({ error }: { readonly error: unknown }) {
  const text = useText()
  if (error === null || error === undefined) return null
  return (
    <p className="problem-text" role="alert">
      <Icon name="warning" /> {sayProblem(error, text)}
    </p>
  )
}

type Text = ReturnType<typeof useText>

export function sayProblem(error: unknown, text: Text): string {
  if (!(error instanceof SemblanceProblem)) {
    return error instanceof SayableError ? error.message : text.states.unreachable
  }
  if (error.status === 403) return text.states.noRightHint
  if (error.status === 503) return text.states.busy(error.message)
  return error.message
}

/** What is wrong, said already in the words of the page. */
export class SayableError extends Error {}

/** Where a picture or a line will stand. */
export function Skeleton({ kind }: { readonly kind: 'tiles' | 'rows' | 'cards' | 'lines' }) {
  const text = useText()
  const count = kind === 'tiles' ? 24 : 6
  return (
    <div className={`skeleton ${kind}`} role="status" aria-label={text.states.loading}>
      {Array.from({ length: count }, (_, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike and never move
        <span key={place} />
      ))}
    </div>
  )
}
