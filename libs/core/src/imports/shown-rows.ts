import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImportId, PersonId } from '../ids.ts'
import { type OwnerStanding, standingOfOwners } from '../persons/standing-of-owners.ts'
import type { BoundPerson, ImportStore } from '../ports/import-store.ts'
import type { Waiting } from '../ports/waiting.ts'
import { ERASED_KEY, erasedRow, type ImportRow, personKeyOf } from './import-row.ts'
import type { RowOutcome } from './row-outcome.ts'

interface ShownDeps {
  readonly gallery: Pick<GalleryPorts, 'records' | 'clock'>
  readonly imports: Pick<ImportStore, 'persons'>
}

/** Person keys looked up together. */
const LOOKED_UP_AT_ONCE = 1_000

/**
 * Rows of an import as a report may show them now. Of an ended row whose person was deleted or has expired, no more is left than
 * the erasure will leave, whether or not it has come to that; nor of a row that waits, and will end with its person. Whom a face was
 * like is told while that person can be seen. Somebody who was merged has the id of whom they were merged into.
 */
export async function showRows(
  { gallery, imports }: ShownDeps,
  { id, rows }: { readonly id: ImportId; readonly rows: readonly ImportRow[] },
  waiting?: Waiting,
): Promise<readonly ImportRow[]> {
  const bound = await findBound(imports, { id, rows }, waiting)
  const personOf = (row: ImportRow) =>
    namedPerson(row) ?? boundPerson(row, bound.get(personKeyOf(row.person)))
  const ids = rows.flatMap((row) => [personOf(row), likeIdOf(row.outcome)]).filter((one) => one !== null)
  const standings = await standingOfOwners(gallery, ids, waiting)
  return rows.map((row) => {
    const { outcome, endedAt } = row
    const person = personOf(row)
    const owner = person === null ? undefined : standings.get(person)
    // A row that names somebody who was gone before it came has been told so, and keeps its name. What earlier versions left of an
    // erased row may still say whom it was like.
    if (owner?.standing === 'going' || row.key.startsWith(ERASED_KEY))
      return erasedRow(row, endedAt ?? gallery.clock.now())
    return outcome === null ? row : { ...row, outcome: shownOutcome(outcome, { owner, standings }) }
  })
}

/** Whom a row means, as the row itself tells. */
function namedPerson({ person, outcome }: ImportRow): PersonId | null {
  if (outcome !== null && 'personId' in outcome && outcome.personId !== null) return outcome.personId
  return person.by === 'id' ? person.id : null
}

/** A row that came once its person was about to go means somebody else, and one that waits is theirs only if that is written down. */
function boundPerson({ position, outcome }: ImportRow, bound: BoundPerson | undefined): PersonId | null {
  if (bound === undefined) return null
  const upTo = bound.upTo ?? (outcome === null ? 0 : Number.POSITIVE_INFINITY)
  return position <= upTo ? bound.personId : null
}

/** Of rows that do not tell by themselves whom they mean, such as one whose picture shows no face, or that waits; by their person keys. */
async function findBound(
  imports: ShownDeps['imports'],
  { id, rows }: { readonly id: ImportId; readonly rows: readonly ImportRow[] },
  waiting?: Waiting,
): Promise<ReadonlyMap<string, BoundPerson>> {
  const unnamed = rows.filter((row) => namedPerson(row) === null)
  const found = new Map<string, BoundPerson>()
  const keys = [...new Set(unnamed.map(({ person }) => personKeyOf(person)))]
  for (let at = 0; at < keys.length; at += LOOKED_UP_AT_ONCE) {
    const some = keys.slice(at, at + LOOKED_UP_AT_ONCE)
    for (const bound of await imports.persons.findMany(id, some, waiting)) found.set(bound.personKey, bound)
  }
  return found
}

function likeIdOf(outcome: RowOutcome | null): PersonId | null {
  return outcome !== null && 'likePerson' in outcome ? (outcome.likePerson?.personId ?? null) : null
}

interface Standings {
  /** Of the row's own person. */
  readonly owner: OwnerStanding | undefined
  readonly standings: ReadonlyMap<PersonId, OwnerStanding>
}

function shownOutcome(outcome: RowOutcome, { owner, standings }: Standings): RowOutcome {
  const isMerged = owner?.standing === 'visible' && 'personId' in outcome && outcome.personId !== null
  const named = isMerged ? { ...outcome, personId: owner.id } : outcome
  if (!('likePerson' in named) || named.likePerson === undefined) return named
  const { likePerson, ...others } = named
  const like = standings.get(likePerson.personId)
  // Two who were merged are no longer like another one.
  if (like?.standing !== 'visible' || like.id === owner?.id) return others
  return { ...others, likePerson: { ...likePerson, personId: like.id } }
}
