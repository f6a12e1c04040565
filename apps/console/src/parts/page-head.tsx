import { type ReactNode, useEffect, useRef } from 'react'
import { useFocusOnArrival } from '../router.tsx'

interface PageHeadProps {
  readonly title: string
  readonly note?: ReactNode
  readonly children?: ReactNode
}

/** The title of a view, which names the browser's tab, too, and its actions. */
export function PageHead({ title, note, children }: PageHeadProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useFocusOnArrival(heading)
  useEffect(() => {
    document.title = `${title} · Semblance`
  }, [title])
  return (
    <header className="page-head">
      <div>
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {note === undefined ? null : <p className="quiet">{note}</p>}
      </div>
      <div className="actions">{children}</div>
    </header>
  )
}
