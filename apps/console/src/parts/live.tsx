import type { HTMLAttributes } from 'react'
import { useIsLanguageNew } from '../language/language.tsx'

interface LiveProps extends HTMLAttributes<HTMLElement> {
  readonly as?: 'p' | 'div' | 'b'
  /** `alert`: at once, where something went wrong. */
  readonly role?: 'status' | 'alert'
}

/**
 * A text that is read out when it comes or changes. Where it only changes its language, it is no news, and those who are
 * read to are not told the same again.
 */
export function Live({ as: Tag = 'p', role = 'status', ...others }: LiveProps) {
  const isLanguageNew = useIsLanguageNew()
  return <Tag role={role} aria-live={isLanguageNew ? 'off' : undefined} {...others} />
}
