import type { ImageId, IndexEntry, IndexPayload, PersonId } from '@semblance/core'
import { FIELD_AT, type GalleryMemory, OWNER } from '../memory/gallery-memory.ts'
import { type Key, uuidKey, uuidText } from '../memory/uuid-key.ts'
import { WordTable } from '../memory/word-table.ts'
import { fingerprint, NO_TEXT } from './fingerprint.ts'
import { GroupSets } from './group-sets.ts'
import { KeyDirectory } from './key-directory.ts'

/** Words of a link record: neighbours among the person's rows, each + 1 (0: none), and the payload's rev. */
const NEXT = 0
const PREVIOUS = 1
const REV_HIGH = 2
const REV_LOW = 3

/**
 * The rows of the gallery and their payloads, as the one writer sees them. A row is an image; it keeps its number while
 * the image is there, and the number is used again afterwards. Nothing here waits: a caller must hold off scans.
 */
export class GalleryRows {
  readonly #memory: GalleryMemory
  readonly #images: KeyDirectory
  readonly #persons: KeyDirectory
  readonly #groups: GroupSets
  readonly #links = new WordTable(4)
  /** The first row of each person + 1, by the person's ordinal. */
  readonly #firstRows = new WordTable(1)

  constructor(memory: GalleryMemory) {
    this.#memory = memory
    this.#images = new KeyDirectory(memory.tables.imageKeys)
    this.#persons = new KeyDirectory(memory.tables.personKeys)
    this.#groups = new GroupSets(memory.tables)
  }

  get count(): number {
    return this.#images.size
  }

  /** All rows in use are below. */
  get rowEnd(): number {
    return this.#images.end
  }

  /** All person ordinals in use are below. */
  get personEnd(): number {
    return this.#persons.end
  }

  get groups(): Pick<GroupSets, 'groupOrdinal' | 'groupEnd' | 'setEnd'> {
    return this.#groups
  }

  /** Adds, replaces, or passes over what comes late; the entry's ids and descriptor have been checked. */
  put(entry: IndexEntry): void {
    const key = keyOf(entry.imageId)
    const found = this.#images.find(key)
    if (found >= 0 && this.#isLate(found, entry.payload)) return
    const row = found >= 0 ? found : this.#images.add(key)
    try {
      this.#reserve(row)
      this.#memory.vectors.write(row, entry.descriptor.values)
    } catch (cause) {
      if (found < 0) this.#images.remove(row)
      throw cause
    }
    if (found >= 0) this.#detach(row)
    this.#attach(row, entry.payload)
  }

  remove(imageId: ImageId): void {
    const key = uuidKey(imageId)
    const row = key === null ? -1 : this.#images.find(key)
    if (row < 0) return
    this.#detach(row)
    this.#memory.vectors.erase(row)
    this.#images.remove(row)
  }

  /** Rewrites the row's payload, which must be of the same person, if it is older than the given one. */
  renew(row: number, payload: IndexPayload): void {
    if (this.#revOf(row) >= payload.rev) return
    const { owners } = this.#memory.tables
    const replaced = owners.get(row, OWNER.groupSet)
    this.#describe(row, payload)
    this.#groups.release(replaced)
  }

  /** The person's rows; payloads may be rewritten meanwhile, rows neither added nor removed. */
  *rowsOf(personId: PersonId): Generator<number> {
    const person = this.personOrdinal(personId)
    let row = person < 0 ? -1 : this.#firstRows.get(person, 0) - 1
    while (row >= 0) {
      yield row
      row = this.#links.get(row, NEXT) - 1
    }
  }

  /** -1 for a person without rows. */
  personOrdinal(personId: PersonId): number {
    const key = uuidKey(personId)
    return key === null ? -1 : this.#persons.find(key)
  }

  personId(ordinal: number): PersonId {
    return uuidText(this.#persons.keyOf(ordinal)) as PersonId
  }

  /** Whose the row is, which must be in use. */
  personOf(row: number): PersonId {
    return this.personId(this.#memory.tables.owners.get(row, OWNER.personPlusOne) - 1)
  }

  imageId(row: number): ImageId {
    return uuidText(this.#images.keyOf(row)) as ImageId
  }

  /** @param after null: from the start */
  imageIdsAfter(after: ImageId | null, limit: number): ImageId[] {
    const key = after === null ? null : keyOf(after)
    return this.#images.listAfter(key, limit).map((found) => uuidText(found) as ImageId)
  }

  /** The row is of the same person and already has a newer payload. */
  #isLate(row: number, payload: IndexPayload): boolean {
    const person = this.#memory.tables.owners.get(row, OWNER.personPlusOne) - 1
    return this.#revOf(row) > payload.rev && this.personId(person) === payload.personId
  }

  #reserve(row: number): void {
    this.#memory.tables.owners.reserve(row)
    this.#memory.tables.fields.reserve(row)
    this.#links.reserve(row)
  }

  #attach(row: number, payload: IndexPayload): void {
    const key = keyOf(payload.personId)
    const found = this.#persons.find(key)
    const person = found >= 0 ? found : this.#persons.add(key)
    this.#firstRows.reserve(person)
    const next = found >= 0 ? this.#firstRows.get(person, 0) : 0
    this.#firstRows.set(person, 0, row + 1)
    this.#links.set(row, NEXT, next)
    this.#links.set(row, PREVIOUS, 0)
    if (next !== 0) this.#links.set(next - 1, PREVIOUS, row + 1)
    this.#describe(row, payload)
    this.#memory.tables.owners.set(row, OWNER.personPlusOne, person + 1)
  }

  /** Takes the row from its person, who is forgotten with the last row. */
  #detach(row: number): void {
    const { owners, fields } = this.#memory.tables
    const person = owners.get(row, OWNER.personPlusOne) - 1
    const next = this.#links.get(row, NEXT)
    const previous = this.#links.get(row, PREVIOUS)
    if (next !== 0) this.#links.set(next - 1, PREVIOUS, previous)
    if (previous !== 0) this.#links.set(previous - 1, NEXT, next)
    else this.#firstRows.set(person, 0, next)
    if (next === 0 && previous === 0) this.#persons.remove(person)
    this.#groups.release(owners.get(row, OWNER.groupSet))
    owners.set(row, OWNER.personPlusOne, 0)
    for (let word = 0; word < fields.width; word++) fields.set(row, word, 0)
  }

  #describe(row: number, payload: IndexPayload): void {
    const { owners, fields } = this.#memory.tables
    const name = fingerprint(payload.name)
    const externalId = payload.externalId === null ? NO_TEXT : fingerprint(payload.externalId)
    for (let word = 0; word < 4; word++) {
      fields.set(row, FIELD_AT.name + word, name[word] ?? 0)
      fields.set(row, FIELD_AT.externalId + word, externalId[word] ?? 0)
    }
    owners.set(row, OWNER.groupSet, this.#groups.retain(payload.groups))
    this.#links.set(row, REV_HIGH, Math.floor(payload.rev / 2 ** 32))
    this.#links.set(row, REV_LOW, payload.rev >>> 0)
  }

  #revOf(row: number): number {
    return this.#links.get(row, REV_HIGH) * 2 ** 32 + this.#links.get(row, REV_LOW)
  }
}

/** @throws TypeError for anything but a UUID in lower case */
function keyOf(id: ImageId | PersonId): Key {
  const key = uuidKey(id)
  if (key === null) throw new TypeError('the index takes ids that are UUIDs in lower case')
  return key
}
