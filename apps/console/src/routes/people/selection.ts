import type { Person } from '../../server/api.ts'
import type { PeopleFilter } from './people-query.ts'

/** Somebody who is selected. */
export interface Chosen {
  readonly name: string
  /** The page of the list on which they were seen last; `listed`: out of sight, but the server said that they are in it. */
  readonly page: number | 'listed' | 'unknown'
}

/** Who is selected, by their ids. */
export type Selected = ReadonlyMap<string, Chosen>

/** The pages of a list that are at hand, by their numbers. */
export type Pages = ReadonlyMap<number, readonly Person[]>

export const NOBODY: Selected = new Map()

/** The same people as the list shows them now: under the names and on the pages that they have there. */
export function sighted(selected: Selected, pages: Pages): Selected {
  if (selected.size === 0) return selected
  const seen = chosenOn(pages, ({ id }) => selected.has(id))
  const isAsBefore = [...seen].every(([id, { name, page }]) => {
    const before = selected.get(id)
    return before?.name === name && before.page === page
  })
  // In the order in which they were selected.
  return isAsBefore ? selected : new Map([...selected].map(([id, chosen]) => [id, seen.get(id) ?? chosen]))
}

/** Whoever is not where they were seen last, nor on another page at hand: the server is to be asked about them. */
export function doubtful(selected: Selected, pages: Pages): readonly string[] {
  if (selected.size === 0) return []
  const inSight = chosenOn(pages, ({ id }) => selected.has(id))
  return [...selected]
    .filter(
      ([id, { page }]) => !inSight.has(id) && page !== 'listed' && (page === 'unknown' || pages.has(page)),
    )
    .map(([id]) => id)
}

/** Whom a list shows, as they are selected in it. */
export function chosenOn(pages: Pages, isMeant: (person: Person) => boolean): Selected {
  const found = new Map<string, Chosen>()
  for (const [page, persons] of pages)
    for (const person of persons) if (isMeant(person)) found.set(person.id, { name: person.name, page })
  return found
}

/** The same people in another list: those whom it shows are seen there, and about the others the server is asked. */
export function carriedOver(selected: Selected, isReordered: boolean): Selected {
  const page = isReordered ? 'listed' : 'unknown'
  return new Map([...selected].map(([id, { name }]) => [id, { name, page }]))
}

/** The same people in another order. */
export function isReordered(before: PeopleFilter, after: PeopleFilter): boolean {
  return JSON.stringify({ ...before, sort: after.sort }) === JSON.stringify(after)
}

export function without(selected: Selected, ids: readonly string[]): Selected {
  if (!ids.some((id) => selected.has(id))) return selected
  const gone = new Set(ids)
  return new Map([...selected].filter(([id]) => !gone.has(id)))
}

/** After the server was asked about some of them: whoever is not gone is in the list, out of sight. */
export function settled(selected: Selected, asked: readonly string[], gone: readonly string[]): Selected {
  const others = new Map(without(selected, gone))
  for (const id of asked) {
    const chosen = others.get(id)
    if (chosen !== undefined) others.set(id, { ...chosen, page: 'listed' })
  }
  return others
}

/** The pages on which they were seen last, as far as that is known. */
export function pagesOf(selected: Selected): readonly number[] {
  const pages = [...selected.values()].map(({ page }) => page).filter((page) => typeof page === 'number')
  return [...new Set(pages)]
}
