import type { Calls } from '../e2e/calls.ts'
import type { KnownGallery, KnownPerson } from './known-gallery.ts'

/** More would not all be shown in one hit. */
const MAX_IMAGES = 4
/** All of them fit one search. */
const MAX_PERSONS = 900

export interface WriteLoad {
  readonly calls: Calls
  readonly known: KnownGallery
  readonly groups: readonly string[]
  readonly pictures: readonly Buffer[]
  readonly random: () => number
  /** True once the process is being killed: whatever fails then is no fault. */
  readonly isOver: () => boolean
}

/** How an unanswered write came out, asked of the restarted process. */
export type Settle = (calls: Calls) => Promise<void>

/**
 * Writes one thing after the other until the process dies. Answers how to settle the write that died with it, and
 * how many were acknowledged. Lanes share no person, so each knows the state of its own.
 */
export class WriteLane {
  readonly #name: string
  readonly #own: KnownPerson[] = []
  #count = 0
  #settle: Settle | null = null
  acknowledged = 0

  constructor(name: string) {
    this.#name = name
  }

  async run(load: WriteLoad): Promise<void> {
    while (!load.isOver()) {
      try {
        await this.#writeSomething(load)
        this.#settle = null
        this.acknowledged++
      } catch (fault) {
        if (!load.isOver()) throw fault
        return
      }
    }
  }

  /** True if a write had been left unanswered. */
  async settle(calls: Calls): Promise<boolean> {
    const settle = this.#settle
    this.#settle = null
    await settle?.(calls)
    return settle !== null
  }

  #writeSomething(load: WriteLoad): Promise<void> {
    const person = pick(
      this.#own.filter(({ id }) => load.known.persons.has(id)),
      load,
    )
    const isFull = load.known.persons.size > MAX_PERSONS
    const dice = load.random()
    if (person === undefined || (dice < 0.2 && !isFull)) return this.#create(load)
    if (dice < 0.3 && !isFull) return this.#searchOrCreate(load)
    if (dice < 0.6 && person.images.size + person.maybe.length < MAX_IMAGES)
      return this.#addImage(load, person)
    if (dice < 0.75 && person.images.size > 0) return this.#deleteImage(load, person)
    return dice < 0.85 ? this.#deletePerson(load, person) : this.#changeGroups(load, person)
  }

  async #create({ calls, known, groups, random }: WriteLoad): Promise<void> {
    const name = this.#freshName()
    const wanted = new Set([known.everybody, groups[Math.floor(random() * groups.length)]!])
    const body = { name, groups: [...wanted], metadata: { lane: this.#name } }
    this.#settle = async (after) => {
      const { json } = await after.ask('GET', `/groups/${known.everybody}/persons?size=1000`)
      const found = json.items.find((person: { name: string }) => person.name === name)
      if (found !== undefined) this.#keep(known, { id: found.id, name, groups: wanted })
    }
    const { json } = expectStatus(await calls.ask('POST', '/persons', body), 201)
    this.#keep(known, { id: json.id, name, groups: wanted })
  }

  async #searchOrCreate(load: WriteLoad): Promise<void> {
    const { calls, known } = load
    const name = this.#freshName()
    const picture = pick(load.pictures, load)!
    // Nobody is in a new group, so the search finds nobody and creates.
    const group = await calls.createGroup(name)
    this.#settle = async () => {
      known.maybePersons.set(group, { name, picture })
    }
    const request = { groupIds: [group], createPerson: { name, metadata: {} } }
    const { json } = expectStatus(await calls.search(picture, request), 201)
    const person = this.#keep(known, { id: json.id, name, groups: new Set([group]) })
    person.images.set(json.images[0].id, picture)
    const join = async (using: Calls) => {
      const change = { addItems: [person.id] }
      expectStatus(await using.ask('PUT', `/groups/${known.everybody}/persons`, change), 204)
      person.groups.add(known.everybody)
    }
    this.#settle = join
    await join(calls)
  }

  async #addImage(load: WriteLoad, person: KnownPerson): Promise<void> {
    const picture = pick(load.pictures, load)!
    // Whether it is there is seen by the comparison: an image may turn up whole, later, or never.
    this.#settle = async () => {
      person.maybe.push(picture)
    }
    const { json } = expectStatus(await load.calls.addImage(person.id, picture), 200)
    person.images.set(json.id, picture)
  }

  async #deleteImage(load: WriteLoad, person: KnownPerson): Promise<void> {
    const id = pick([...person.images.keys()], load)!
    const gone = () => {
      person.images.delete(id)
      load.known.goneImages.add(id)
    }
    this.#settle = async (after) => {
      if (!(await after.imageIds(person.id)).includes(id)) gone()
    }
    expectStatus(await load.calls.ask('DELETE', `/persons/${person.id}/images/${id}`), 204)
    gone()
  }

  async #deletePerson({ calls, known }: WriteLoad, person: KnownPerson): Promise<void> {
    const path = `/persons/${person.id}`
    const gone = () => {
      known.persons.delete(person.id)
      known.gonePersons.add(person.id)
      for (const id of person.images.keys()) known.goneImages.add(id)
    }
    this.#settle = async (after) => {
      if ((await after.ask('GET', path)).status === 404) gone()
    }
    expectStatus(await calls.ask('DELETE', path), 204)
    gone()
  }

  async #changeGroups(load: WriteLoad, person: KnownPerson): Promise<void> {
    const group = pick(load.groups, load)!
    if (person.groups.has(group)) await this.#leave(load.calls, person, group)
    else await this.#join(load.calls, person, group)
  }

  #join(calls: Calls, person: KnownPerson, group: string): Promise<void> {
    return this.#changeGroup(calls, person, {
      group,
      list: 'addItems',
      apply: () => person.groups.add(group),
    })
  }

  #leave(calls: Calls, person: KnownPerson, group: string): Promise<void> {
    const apply = () => person.groups.delete(group)
    return this.#changeGroup(calls, person, { group, list: 'removeItems', apply })
  }

  async #changeGroup(
    calls: Calls,
    person: KnownPerson,
    change: { readonly group: string; readonly list: string; readonly apply: () => void },
  ): Promise<void> {
    const { group, list, apply } = change
    this.#settle = async (after) => {
      const { json } = await after.ask('GET', `/persons/${person.id}`)
      if (json.groups.includes(group) !== person.groups.has(group)) apply()
    }
    expectStatus(await calls.ask('PUT', `/groups/${group}/persons`, { [list]: [person.id] }), 204)
    apply()
  }

  #keep(known: KnownGallery, person: Pick<KnownPerson, 'id' | 'name' | 'groups'>): KnownPerson {
    const kept = { ...person, images: new Map<string, Buffer>(), maybe: [] }
    known.persons.set(kept.id, kept)
    this.#own.push(kept)
    return kept
  }

  #freshName(): string {
    this.#count++
    return `${this.#name} ${this.#count}`
  }
}

function pick<T>(items: readonly T[], { random }: Pick<WriteLoad, 'random'>): T | undefined {
  return items[Math.floor(random() * items.length)]
}

function expectStatus<A extends { readonly status: number; readonly json: { readonly type?: string } }>(
  answer: A,
  status: number,
): A {
  if (answer.status === status) return answer
  throw new Error(`answered ${answer.status} instead of ${status}: ${answer.json?.type}`)
}
