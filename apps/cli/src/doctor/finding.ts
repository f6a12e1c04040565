/** What was found about one part of an installation. */
export interface Finding {
  readonly part: string
  /** wrong: it will not work so. note: it works, and somebody should know. */
  readonly state: 'fine' | 'note' | 'wrong'
  readonly what: string
  /** What to do about it; empty if nothing is to be done. */
  readonly advice: string
}

export function fine(part: string, what: string): Finding {
  return { part, state: 'fine', what, advice: '' }
}

export function note(part: string, what: string, advice = ''): Finding {
  return { part, state: 'note', what, advice }
}

export function wrong(part: string, what: string, advice: string): Finding {
  return { part, state: 'wrong', what, advice }
}

/** What went wrong, in one line for people; `fetch` keeps what happened in `cause`. */
export function reasonOf(fault: unknown): string {
  const { message, cause } = fault instanceof Error ? fault : new Error(String(fault))
  const { code } = (cause ?? fault) as NodeJS.ErrnoException
  const inner = cause instanceof Error && cause.message !== '' ? ` (${cause.message})` : ''
  return code !== undefined && inner === '' ? `${message} (${code})` : `${message}${inner}`
}
