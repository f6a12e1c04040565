import type { PersonId } from '../ids.ts'
import type { Image } from '../images/image.ts'
import type { Page, PageRequest } from '../page.ts'
import type { RecordStore } from '../ports/record-store.ts'
import type { Waiting } from '../ports/waiting.ts'
import type { Person } from './person.ts'

type Records = Pick<RecordStore, 'persons' | 'images'>

/** Persons asked for at a time. */
const PORTION = 1_000

/** Into whom the person was merged; null for everybody else, also for somebody who is only about to be merged. */
export function mergedIntoOf({ state, mergedInto }: Pick<Person, 'state' | 'mergedInto'>): PersonId | null {
  return state === 'merging' || state === 'merged' ? (mergedInto ?? null) : null
}

/** Whether the person is about to be merged: it is written down, and nobody sees it yet. */
export function isAboutToBeMerged({ state, mergedInto }: Pick<Person, 'state' | 'mergedInto'>): boolean {
  return state === 'live' && mergedInto != null
}

/**
 * Whose images are now those of the persons that image records name: that person's own, or those of whom they were merged
 * into, in the end. By the id of the one who is named; whoever has no record is left out. The state is the caller's to judge.
 * @param known records of some of these persons, read before
 */
export async function findOwners(
  { persons }: Pick<RecordStore, 'persons'>,
  { ids, known = [] }: { readonly ids: Iterable<PersonId>; readonly known?: readonly Person[] },
  waiting?: Waiting,
): Promise<ReadonlyMap<PersonId, Person>> {
  const named = [...new Set(ids)]
  const read = new Map(known.map((person) => [person.id, person]))
  const asked = new Set<PersonId>()
  for (;;) {
    const pointedTo = [...read.values()].map(mergedIntoOf).filter((id) => id !== null)
    const missing = [...new Set([...named, ...pointedTo])].filter((id) => !read.has(id) && !asked.has(id))
    if (missing.length === 0) break
    for (const id of missing) asked.add(id)
    for (const person of await persons.findMany(missing, waiting)) read.set(person.id, person)
  }
  const owners = new Map<PersonId, Person>()
  for (const id of named) {
    const owner = followed(read, id)
    if (owner !== undefined) owners.set(id, owner)
  }
  return owners
}

/** No circle can come about (see `carryOnMerge`); one that somebody's hand has made ends here, too. */
function followed(read: ReadonlyMap<PersonId, Person>, id: PersonId): Person | undefined {
  let person = read.get(id)
  for (let hops = 0; person !== undefined && hops < read.size; hops++) {
    const next = mergedIntoOf(person)
    if (next === null) return person
    person = read.get(next)
  }
  return undefined
}

/** Whose images the person has: their own, and those of everybody who was merged into them, by whatever way. */
export async function personsBehind(
  records: Pick<RecordStore, 'persons'>,
  id: PersonId,
  waiting?: Waiting,
): Promise<readonly PersonId[]> {
  return [...(await ownersBehind(records, [id], waiting)).keys()]
}

/** All of these persons and whoever was merged into one of them. */
export async function everybodyBehind(
  records: Pick<RecordStore, 'persons'>,
  ids: readonly PersonId[],
  waiting?: Waiting,
): Promise<readonly PersonId[]> {
  return [...(await ownersBehind(records, ids, waiting)).keys()]
}

/** A page of the person's `ready` images, by decreasing id, each as the person's own. */
export async function listImagesOf(
  records: Records,
  query: { readonly personId: PersonId; readonly request: PageRequest },
  waiting?: Waiting,
): Promise<Page<Image>> {
  const { personId, request } = query
  const behind = await personsBehind(records, personId, waiting)
  const page = await records.images.list(behind, request, waiting)
  return { ...page, items: page.items.map((image) => ({ ...image, personId })) }
}

/** Those of these persons who have a `ready` image, also by somebody who was merged into them. */
export async function imageOwnersAmong(
  records: Records,
  ids: readonly PersonId[],
  waiting?: Waiting,
): Promise<ReadonlySet<PersonId>> {
  const behind = await ownersBehind(records, ids, waiting)
  const owners = new Set<PersonId>()
  for (const some of portions([...behind.keys()])) {
    for (const named of await records.images.ownersAmong(some, waiting)) {
      const owner = behind.get(named)
      if (owner !== undefined) owners.add(owner)
    }
  }
  return owners
}

/** How many `ready` images these persons have together. */
export async function countImagesOf(
  records: Records,
  ids: readonly PersonId[],
  waiting?: Waiting,
): Promise<number> {
  const behind = await ownersBehind(records, ids, waiting)
  let images = 0
  for (const some of portions([...behind.keys()])) images += await records.images.countOf(some, waiting)
  return images
}

/** Each of these persons and whoever was merged into one of them, with which of these has the images. */
async function ownersBehind(
  { persons }: Pick<RecordStore, 'persons'>,
  ids: readonly PersonId[],
  waiting?: Waiting,
): Promise<ReadonlyMap<PersonId, PersonId>> {
  const owners = new Map(ids.map((id) => [id, id]))
  for (let newest = ids; newest.length > 0; ) {
    const next: PersonId[] = []
    for (const some of portions(newest)) {
      for (const { id, mergedInto, state } of await persons.listMerged(some, waiting)) {
        const owner = owners.get(mergedInto)
        if (owner === undefined || owners.has(id) || state === 'live') continue
        owners.set(id, owner)
        next.push(id)
      }
    }
    newest = next
  }
  return owners
}

function portions(ids: readonly PersonId[]): readonly (readonly PersonId[])[] {
  const count = Math.ceil(ids.length / PORTION)
  return Array.from({ length: count }, (_, i) => ids.slice(i * PORTION, (i + 1) * PORTION))
}
