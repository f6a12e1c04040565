import { type Calls, inParallel } from '../e2e/calls.ts'

/** What is known of a person by acknowledged writes. One lane writes to it, one write at a time. */
export interface KnownPerson {
  readonly id: string
  readonly name: string
  readonly groups: Set<string>
  /** Image id to the picture that was sent. */
  readonly images: Map<string, Buffer>
  /** Pictures sent, unanswered when the process died, not seen since: the reconciler may still finish them. */
  readonly maybe: Buffer[]
}

export interface KnownGallery {
  /** Every person is put in it, so that all can be listed. */
  readonly everybody: string
  readonly persons: Map<string, KnownPerson>
  readonly gonePersons: Set<string>
  readonly goneImages: Set<string>
  /** By its group, which is its alone: what a search-or-create that nobody answered would have made. */
  readonly maybePersons: Map<string, { readonly name: string; readonly picture: Buffer }>
}

/** Of a server on which nothing is known yet. */
export async function openKnownGallery(calls: Calls): Promise<KnownGallery> {
  return {
    everybody: await calls.createGroup('Everybody'),
    persons: new Map(),
    gonePersons: new Set(),
    goneImages: new Set(),
    maybePersons: new Map(),
  }
}

interface ListedPerson {
  readonly id: string
  readonly name: string
  readonly groups: readonly string[]
}

/** Compares the whole server with what is known; each difference is one line. Takes in what turned up late. */
export async function compareGallery(calls: Calls, known: KnownGallery, probe: Buffer): Promise<string[]> {
  const late = await takeInPersons(calls, known)
  const listed = await listMembers(calls, known.everybody)
  const problems = listed
    .filter(({ id }) => !known.persons.has(id))
    .map(
      ({ id, name }) =>
        `person ${name} ${known.gonePersons.has(id) ? 'is there again' : 'came from nowhere'}`,
    )
  const byId = new Map(listed.map((person) => [person.id, person]))
  for (const person of known.persons.values()) {
    const found = byId.get(person.id)
    if (found === undefined) problems.push(`person ${person.name} is lost`)
    else if (differing(found.groups, person.groups).length > 0)
      problems.push(`person ${person.name} is in other groups than it should`)
  }
  const present = [...known.persons.values()].filter(({ id }) => byId.has(id))
  const perPerson = await inParallel(present, 8, (person) => compareImages(calls, known, person))
  const index = await compareIndex(calls, known, probe)
  return [...late, ...problems, ...perPerson.flat(), ...index]
}

async function listMembers(calls: Calls, groupId: string): Promise<ListedPerson[]> {
  const members: ListedPerson[] = []
  for (let page = 1; ; page++) {
    const { json } = await calls.ask('GET', `/groups/${groupId}/persons?page=${page}&size=200`)
    members.push(...json.items)
    if (page >= json.totalPages) return members
  }
}

/** Nobody heard that these persons were made, but each request was sent: fine, if they are there whole. */
async function takeInPersons(calls: Calls, known: KnownGallery): Promise<string[]> {
  const problems: string[] = []
  for (const [group, { name, picture }] of known.maybePersons) {
    const [person, second] = await listMembers(calls, group)
    if (person === undefined) continue
    known.maybePersons.delete(group)
    const images = await calls.imageIds(person.id)
    if (person.name !== name || second !== undefined || images.length !== 1)
      problems.push(`person ${name}, created by a search, is not whole`)
    await calls.ask('PUT', `/groups/${known.everybody}/persons`, { addItems: [person.id] })
    const groups = new Set([group, known.everybody])
    known.persons.set(person.id, { id: person.id, name, groups, images: new Map(), maybe: [picture] })
  }
  return problems
}

async function compareImages(calls: Calls, known: KnownGallery, person: KnownPerson): Promise<string[]> {
  const problems: string[] = []
  const listed = await calls.imageIds(person.id)
  for (const id of person.images.keys()) {
    if (!listed.includes(id)) problems.push(`image ${id} of ${person.name} is lost`)
  }
  for (const id of listed) {
    const { status, bytes } = await calls.ask('GET', `/persons/${person.id}/images/${id}`)
    const expected = person.images.get(id) ?? takeInImage(person, id, bytes)
    if (known.goneImages.has(id))
      problems.push(`image ${id} of ${person.name} was deleted and is there again`)
    else if (status !== 200) problems.push(`image ${id} of ${person.name} is listed and answers ${status}`)
    else if (expected === undefined) problems.push(`image ${id} of ${person.name} came from nowhere`)
    else if (!bytes.equals(expected)) problems.push(`image ${id} of ${person.name} has other bytes`)
  }
  return problems
}

function takeInImage(person: KnownPerson, id: string, bytes: Buffer): Buffer | undefined {
  const at = person.maybe.findIndex((picture) => picture.equals(bytes))
  const [picture] = at < 0 ? [] : person.maybe.splice(at, 1)
  if (picture !== undefined) person.images.set(id, picture)
  return picture
}

/** One search that admits every distance must have exactly the images that are listed, person by person. */
async function compareIndex(calls: Calls, known: KnownGallery, probe: Buffer): Promise<string[]> {
  const { json } = await calls.search(probe, { threshold: 2, limit: 1000 })
  const found = new Map<string, Set<string>>(
    json.persons.map((hit: { id: string; images: { id: string }[] }) => [
      hit.id,
      new Set(hit.images.map(({ id }) => id)),
    ]),
  )
  const problems: string[] = []
  for (const { id, name, images } of known.persons.values()) {
    for (const image of differing(images.keys(), found.get(id) ?? []))
      problems.push(`image ${image} of ${name}: listed or found, not both`)
  }
  for (const id of found.keys()) {
    if (!known.persons.has(id)) problems.push(`person ${id} is found and not there`)
  }
  return problems
}

/** What is in one and not in both. */
function differing(one: Iterable<string>, other: Iterable<string>): string[] {
  const [a, b] = [new Set(one), new Set(other)]
  return [...[...a].filter((item) => !b.has(item)), ...[...b].filter((item) => !a.has(item))]
}
