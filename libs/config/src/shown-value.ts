/** Stands for a secret wherever a value would be printed. */
export const HIDDEN = '(hidden)'

const MAX_SHOWN_CHARS = 120

/** A text as it may be printed: the credentials of any URL in it hidden, and no longer than a line. */
export function shownText(text: string): string {
  // Greedy up to the last "@": a password may hold slashes and an "@" of its own.
  const clean = text.replace(/:\/\/.*@/s, `://${HIDDEN}@`)
  return clean.length > MAX_SHOWN_CHARS ? `${clean.slice(0, MAX_SHOWN_CHARS)}...` : clean
}
