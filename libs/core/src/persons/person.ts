import type { GroupId, PersonId } from '../ids.ts'

/**
 * `pending` is not yet, the others but `live` are no longer visible. `merging` and `merged` say that somebody else has the
 * person's images now: the one has not been finished yet, and the other has. `gone` is a tombstone of id and times only.
 */
export type PersonState = 'pending' | 'live' | 'merging' | 'merged' | 'deleting' | 'gone'

export interface Person {
  readonly id: PersonId
  readonly name: string
  readonly externalId: string | null
  /** A JSON object as text, exactly as it came (keys such as `__proto__` or `a.b` included). */
  readonly metadata: string
  /** Groups as they were written; readers drop the ones that are no longer live. */
  readonly groups: readonly GroupId[]
  /** Milliseconds since the epoch; the person is invisible from then on. */
  readonly expireAt: number | null
  readonly createdAt: number
  readonly updatedAt: number
  /** A number that each change raises by one; the index keeps the rev it was written with, so late writers lose. */
  readonly rev: number
  readonly state: PersonState
  /** The index may still carry an older name, externalId or groups. */
  readonly dirty: boolean
  /**
   * Of a `merging` or `merged` person: whose the images are now. Of a `live` one: into whom the person is about to be merged,
   * which nobody sees yet. Left out or null for all others.
   */
  readonly mergedInto?: PersonId | null
}

/** Whether readers may see the person: live, and not expired at `nowMs`. */
export function isVisible(person: Person, nowMs: number): boolean {
  return person.state === 'live' && (person.expireAt === null || person.expireAt > nowMs)
}

/**
 * Tells one state of a record from every other one. The number of changes alone would do, were no data folder ever put back
 * from a backup.
 */
export function revisionOf({ rev, updatedAt }: Pick<Person, 'rev' | 'updatedAt'>): string {
  return `${rev}-${updatedAt}`
}

/** What a change may touch. `dirty` and `state` are set by the use cases, never by a caller. */
export type PersonChanges = Partial<
  Pick<
    Person,
    | 'name'
    | 'externalId'
    | 'metadata'
    | 'groups'
    | 'expireAt'
    | 'updatedAt'
    | 'state'
    | 'dirty'
    | 'mergedInto'
  >
>
