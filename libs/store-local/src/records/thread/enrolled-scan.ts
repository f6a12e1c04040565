import {
  type EnrolledRow,
  faultOfImage,
  faultOfPerson,
  type Image,
  type ImageId,
  mergedIntoOf,
  type ObserveDamage,
  type PackId,
  type Person,
  type PersonId,
  type PersonState,
  type RecordFault,
} from '@semblance/core'
import type { Database, Statement } from 'better-sqlite3'
import { descriptorsFromBytes, isDescriptor } from './descriptor-bytes.ts'
import { PERSON_COLUMNS, type PersonRow, personOfRow } from './person-rows.ts'

/**
 * Values in the order of `SCANNED_COLUMNS`: arrays are read twice as fast as objects, and a start reads every record.
 */
export type ScannedRow = readonly [
  id: ImageId,
  contentType: string,
  bytes: number,
  sha256: string,
  createdAt: number,
  packId: PackId | null,
  descriptor: Buffer,
  personId: PersonId,
  name: string,
  externalId: string | null,
  metadata: string,
  groupIds: string,
  expireAt: number | null,
  personCreatedAt: number,
  updatedAt: number,
  rev: number,
  dirty: number,
  state: PersonState,
  mergedInto: PersonId | null,
  quality: number | null,
  damage: number | null,
]
export const SCANNED_COLUMNS = `i.id, i.contentType, i.bytes, i.sha256, i.createdAt, k.packId, i.descriptor,
  p.id, coalesce(p.sentName, p.name), p.externalId, p.metadata, p.groupIds, p.expireAt, p.createdAt, p.updatedAt, p.rev, p.dirty, p.state, p.mergedInto, i.quality, i.damage`

/** Quality and damage of the image `i` by the pack whose note on it is `n`, if that told them. */
export const JUDGED = `coalesce(n.quality, i.quality) AS quality,
  CASE WHEN n.quality IS NULL THEN i.damage ELSE n.damage END AS damage`

/** CROSS JOIN keeps the order of the loops: images by id from where the last page ended, each with its person. */
export const SCANNED_TABLES =
  'images i CROSS JOIN persons p ON p.id = i.personId LEFT JOIN packs k ON k.id = i.pack'
export const SCANNED_STATES = "i.state = 'ready' AND p.state IN ('live', 'merging', 'merged')"

interface Query {
  readonly after: ImageId | null
  readonly limit: number
}

/** Reads rows for an index. Synchronous: runs on the store's own thread. */
export class EnrolledScan {
  readonly #findPerson: Statement<[string], PersonRow>
  readonly #onDamage: ObserveDamage

  constructor(db: Database, onDamage: ObserveDamage) {
    this.#onDamage = onDamage
    this.#findPerson = db.prepare(`SELECT ${PERSON_COLUMNS} FROM persons WHERE id = ?`)
  }

  /** Goes on past records that cannot be used: only the end of all records makes a short list. */
  rows(
    { after, limit }: Query,
    read: (after: string, limit: number) => readonly ScannedRow[],
  ): readonly EnrolledRow[] {
    const usable: Usable[] = []
    for (let from: string = after ?? ''; usable.length < limit; ) {
      const wanted = limit - usable.length
      const rows = read(from, wanted)
      for (const row of rows) {
        const found = this.#usable(row)
        if (found !== null) usable.push(found)
      }
      if (rows.length < wanted) break
      from = rows.at(-1)?.[0] ?? from
    }
    const vectors = descriptorsFromBytes(usable.map(({ row }) => row[6]))
    return usable.map(({ image, packId, person }, i) => ({
      image: { ...image, descriptor: { packId, values: vectors[i] ?? new Float32Array() } },
      person,
    }))
  }

  #usable(row: ScannedRow): Usable | null {
    const image = imageOfScanned(row)
    const person = this.#owner(personOfScanned(row))
    if (person === null) return null
    const [packId, descriptor] = [row[5], row[6]]
    const why = faultOfImage(image) ?? faultOfStored({ packId, descriptor })
    if (why !== null) this.#onDamage({ kind: 'image', id: image.id, why })
    // The metadata stays out of the index: whoever asks for the person looks at it.
    const itsPerson = faultOfPerson(person)
    if (itsPerson !== null) this.#onDamage({ kind: 'person', id: person.id, why: itsPerson })
    if (why !== null || itsPerson !== null || packId === null) return null
    return { row, image, packId, person }
  }

  /** The live person who has the images of this one; null if there is none. A circle, which only a hand can make, ends. */
  #owner(named: Person): Person | null {
    const passed = new Set<PersonId>()
    for (let person = named; ; ) {
      const next = mergedIntoOf(person)
      if (next === null) return person.state === 'live' ? person : null
      const row = passed.has(next) ? undefined : this.#findPerson.get(next)
      if (row === undefined) return null
      passed.add(next)
      person = personOfRow(row)
    }
  }
}

interface Usable {
  readonly row: ScannedRow
  readonly image: Image
  readonly packId: PackId
  readonly person: Person
}

export function faultOfStored({
  packId,
  descriptor,
}: {
  readonly packId: PackId | null
  readonly descriptor: Uint8Array
}): RecordFault {
  if (packId === null) return 'the model pack of its descriptor is not known'
  return isDescriptor(descriptor) ? null : 'its descriptor is no list of numbers'
}

function imageOfScanned(row: ScannedRow): Image {
  const [id, contentType, bytes, sha256, createdAt, , , personId] = row
  const [quality, damage] = [row[19], row[20]]
  return { id, personId, state: 'ready', contentType, bytes, sha256, createdAt, quality, damage }
}

function personOfScanned(row: ScannedRow): Person {
  const [, , , , , , , id, name, externalId, metadata, groupIds, expireAt, ...times] = row
  const [createdAt, updatedAt, rev, dirty, state, mergedInto] = times
  return personOfRow({
    id,
    name,
    externalId,
    metadata,
    groupIds,
    expireAt,
    createdAt,
    updatedAt,
    rev,
    state,
    dirty,
    mergedInto,
  })
}
