import { type ReactNode, useId } from 'react'

interface SectionProps {
  readonly title: string
  /** Beside the title. */
  readonly action?: ReactNode
  readonly className?: string
  readonly children: ReactNode
}

/** A part of a view under a title of its own. */
export function Section({ title, action, className, children }: SectionProps) {
  const id = useId()
  return (
    <section aria-labelledby={id} className={className}>
      <div className="section-head">
        <h2 id={id} className="lead">
          {title}
        </h2>
        {action}
      </div>
      {children}
    </section>
  )
}
