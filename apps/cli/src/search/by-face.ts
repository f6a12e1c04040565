import type { FoundPerson } from './search-photo.ts'

/** A face of a photo, and who was found by it, nearest first. */
export interface FoundByFace {
  /** x, y, width and height in the photo, in pixels. */
  readonly box: readonly number[]
  readonly persons: readonly FoundPerson[]
}

/**
 * The faces of an answer about all faces of a photo, from left to right. The server's one list is of all faces together,
 * and tells no face by which nobody was found.
 * @param limit persons of one face
 */
export function byFace(persons: readonly FoundPerson[], limit: number): readonly FoundByFace[] {
  return [...Map.groupBy(persons, boxKey).values()]
    .map((found) => ({ box: boxOf(found[0]), persons: found.slice(0, limit) }))
    .toSorted(({ box: [x = 0, y = 0] }, { box: [otherX = 0, otherY = 0] }) => x - otherX || y - otherY)
}

/** The same answer with so many persons for each face; its numbers keep their digits. */
export async function answerWithin(json: string, limit: number): Promise<string> {
  // It takes a while to load, and most searches do without.
  const { parseExactJson } = await import('@semblance/core')
  const answer = parseExactJson(json) as { readonly persons: readonly FoundPerson[] }
  const counts = new Map<string, number>()
  const persons = answer.persons.filter((person) => {
    const count = (counts.get(boxKey(person)) ?? 0) + 1
    counts.set(boxKey(person), count)
    return count <= limit
  })
  return JSON.stringify({ ...answer, persons })
}

function boxOf(person: FoundPerson | undefined): readonly number[] {
  return person?.detection?.roi ?? []
}

function boxKey(person: FoundPerson): string {
  return JSON.stringify(boxOf(person))
}
