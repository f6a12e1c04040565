/** The limits are ours: notes lie in the record of their import, which is read every second. */
const MOST = 20
const MOST_CHARACTERS = 500
const MORE = 'more was noted than is kept here'

/**
 * A link as far as its end, or that of the quoted name that it stands in. It may have a user, a password or a signature, and
 * names are cut short, so that the "@" by which a password is known may be missing.
 */
const LINK = /(https?:|[a-z][a-z0-9+.-]{0,15}:[/\\]{2})(?:\\.|[^"\\])*/gis

/** What is kept of a source's notes once these have come as well: each once, the first of them, and nothing of any link. */
export function notesWith(before: readonly string[], fresh: readonly string[]): readonly string[] {
  const notes = [...new Set([...before, ...fresh.map(kept)])]
  return notes.length <= MOST ? notes : [...notes.filter((note) => note !== MORE).slice(0, MOST - 1), MORE]
}

function kept(note: string): string {
  const text = note.replace(LINK, '$1…')
  return (text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS - 1)}…`).toWellFormed()
}
