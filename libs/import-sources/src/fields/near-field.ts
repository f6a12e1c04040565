/** What to call a field that was perhaps meant, by how it may be spelled without case, spaces, `_` and `-`. */
const PERSON_SPELLINGS: Readonly<Record<string, string>> = {
  externalid: 'external_id',
  person: 'person',
  personid: 'person_id',
  personkey: 'person_key',
  id: 'id',
}

const PICTURE_SPELLINGS: Readonly<Record<string, string>> = {
  file: 'file',
  url: 'url',
  imageurl: 'image_url',
  picture: 'picture',
}

const SPELLINGS = { person: PERSON_SPELLINGS, picture: PICTURE_SPELLINGS } as const

/** `; did you mean external_id?` for the first of these names that looks like one that says that; empty if none does. */
export function didYouMean(names: readonly string[], about: keyof typeof SPELLINGS): string {
  for (const name of names) {
    const near = nearest(name, SPELLINGS[about])
    if (near !== null) return `; did you mean ${near}?`
  }
  return ''
}

/** Longer ones are no slip of the pen, and would take long to compare. */
const MOST_LETTERS = 20

function nearest(name: string, spellings: Readonly<Record<string, string>>): string | null {
  const plain = name.toLowerCase().replace(/[\s_-]/g, '')
  if (plain.length > MOST_LETTERS) return null
  const ranked = Object.entries(spellings)
    .map(([spelling, called]) => ({ spelling, called, edits: editsBetween(plain, spelling) }))
    .toSorted((one, other) => one.edits - other.edits)
  const [best] = ranked
  // A quarter of the letters: enough for a swapped or forgotten one, too few to turn one word into another.
  return best !== undefined && best.edits <= Math.ceil(best.spelling.length / 4) ? best.called : null
}

/** Levenshtein's: letters to insert, leave out or replace. */
function editsBetween(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [row, letter] of [...from].entries()) {
    const current = [row + 1]
    for (const [column, other] of [...to].entries()) {
      const replaced = (above[column] ?? 0) + (letter === other ? 0 : 1)
      current.push(Math.min(replaced, (above[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1))
    }
    above = current
  }
  return above[to.length] ?? 0
}
