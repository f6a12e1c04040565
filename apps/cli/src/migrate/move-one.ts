import { expiryToCarry } from './expiry-to-carry.ts'
import { idempotencyKey, type MoveLog, type OldThing } from './move-log.ts'
import type { Creation, NewGallery, PersonToMake } from './new-gallery.ts'
import type { OldGallery, OldGroup, OldImage, OldPerson } from './old-gallery.ts'
import type { Tally } from './tally.ts'

export interface MigrationDeps {
  readonly source: OldGallery
  readonly target: NewGallery
  readonly log: MoveLog
  readonly tally: Tally
  /** Base URL of the source; part of every Idempotency-Key. */
  readonly sourceUrl: string
  readonly now: () => number
  /** Counts what would be moved, and asks the target for nothing. */
  readonly isDryRun: boolean
  /** Asks once more for what the target refused in an earlier run. */
  readonly retriesRefused: boolean
}

/** Stands for the id of what a dry run would make. */
const NOT_MADE = 'not made'

/** Moves one group, person or image: looks it up in the log, makes it on the target, notes what came of it. */
export class MoveOne {
  readonly #deps: MigrationDeps
  readonly #groups = new Map<string, Promise<string | null>>()

  constructor(deps: MigrationDeps) {
    this.#deps = deps
  }

  /** The new id; null for one that the target does not take. */
  moveGroup(group: OldGroup): Promise<string | null> {
    return this.#onceAGroup(group.id, () => Promise.resolve(group))
  }

  /** The new id; null for somebody who is not to be moved. */
  async movePerson(person: OldPerson): Promise<string | null> {
    const thing: OldThing = { kind: 'person', from: person.id }
    const done = this.#findDone(thing)
    if (done !== null) return done.to
    const { tally, now } = this.#deps
    const expiry = expiryToCarry(person.expireAt, now())
    if (expiry.outcome === 'past') {
      tally.count(thing, 'expired')
      return null
    }
    if (expiry.outcome === 'unreadable') {
      tally.count(thing, 'failed', 'its expireAt cannot be read, and nobody is kept longer than agreed')
      return null
    }
    const groups = await this.#newGroupsOf(person)
    return this.#make(thing, (key) =>
      this.#makePerson({ ...fieldsOf(person), groups, ...(expiry.outcome === 'at' ? expiry : {}) }, key),
    )
  }

  imagesOf(person: OldPerson): Promise<readonly OldImage[]> {
    return this.#deps.source.imagesOf(person.id)
  }

  async moveImage(
    image: OldImage,
    owner: { readonly person: OldPerson; readonly newId: string },
  ): Promise<void> {
    const thing: OldThing = { kind: 'image', from: `${owner.person.id}/${image.id}` }
    if (this.#findDone(thing) !== null) return
    if (this.#deps.isDryRun) return this.#deps.tally.count(thing, 'moved')
    const picture = await this.#deps.source.picture(owner.person.id, image.id)
    if (picture.outcome === 'gone') return this.#deps.tally.count(thing, 'gone')
    if (picture.outcome === 'failed') return this.#deps.tally.count(thing, 'failed', picture.reason)
    await this.#make(thing, (key) => this.#deps.target.addImage(owner.newId, picture, key))
  }

  /** Persons name groups that came after the list of groups was read, from several lanes at once. */
  #onceAGroup(oldId: string, read: () => Promise<OldGroup | null>): Promise<string | null> {
    const known = this.#groups.get(oldId)
    if (known !== undefined) return known
    const made = this.#moveGroup(oldId, read)
    this.#groups.set(oldId, made)
    return made
  }

  async #moveGroup(oldId: string, read: () => Promise<OldGroup | null>): Promise<string | null> {
    const thing: OldThing = { kind: 'group', from: oldId }
    const done = this.#findDone(thing)
    if (done !== null) return done.to
    const group = await read()
    if (group === null) return null
    const fields = { name: group.name ?? '', metadata: group.metadata ?? {} }
    return this.#make(thing, (key) => this.#deps.target.makeGroup(fields, key))
  }

  /** Sorted: a request that is sent again must have the same bytes. */
  async #newGroupsOf(person: OldPerson): Promise<readonly string[]> {
    const { source } = this.#deps
    const oldIds = person.groups ?? (await source.groupIdsOf(person.id))
    const newIds = await Promise.all(oldIds.map((id) => this.#onceAGroup(id, () => source.group(id))))
    return newIds.filter((id) => id !== null).toSorted()
  }

  async #makePerson(person: PersonToMake, key: string): Promise<Creation> {
    const { target } = this.#deps
    const creation = await target.makePerson(person, key)
    if (creation.outcome !== 'made' || person.groups.length > 0) return creation
    if (await target.leaveWithoutGroups(creation.id)) return creation
    return { outcome: 'failed', reason: `is in the group Default of the target, as ${creation.id}` }
  }

  /** What needs no doing: moved already (`to` its new id), or refused in an earlier run (`to` null). */
  #findDone(thing: OldThing): { readonly to: string | null } | null {
    const { log, tally, retriesRefused } = this.#deps
    const noted = log.find(thing)
    if (noted === null) return null
    if (noted.outcome === 'moved') {
      tally.count(thing, 'alreadyThere')
      return { to: noted.to }
    }
    if (retriesRefused) return null
    tally.count(thing, 'refused', `${noted.reason} (in an earlier run; --retry-refused asks again)`)
    return { to: null }
  }

  async #make(thing: OldThing, make: (key: string) => Promise<Creation>): Promise<string | null> {
    const { log, tally, sourceUrl, isDryRun } = this.#deps
    if (isDryRun) {
      tally.count(thing, 'moved')
      return NOT_MADE
    }
    const noted = log.find(thing)
    const refusals = noted?.outcome === 'refused' ? noted.times : 0
    const creation = await make(idempotencyKey(sourceUrl, thing, refusals))
    switch (creation.outcome) {
      case 'made':
        await log.note(thing, { to: creation.id })
        tally.count(thing, creation.isReplay ? 'alreadyThere' : 'moved')
        return creation.id
      case 'refused':
        await log.note(thing, { refused: creation.type })
        tally.count(thing, 'refused', creation.reason)
        return null
      case 'failed':
        tally.count(thing, 'failed', creation.reason)
        return null
    }
  }
}

function fieldsOf(person: OldPerson): Pick<PersonToMake, 'name' | 'metadata' | 'externalId'> {
  const { name, metadata, externalId } = person
  return {
    name: name ?? '',
    metadata: metadata ?? {},
    ...(externalId === undefined || externalId === null ? {} : { externalId }),
  }
}
