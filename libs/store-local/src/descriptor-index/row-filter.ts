import { FIELD_AT, type GalleryTables, OWNER } from './gallery-memory.ts'
import type { ScanFilter } from './scan.ts'
import type { Key } from './uuid-key.ts'

const UNKNOWN = 0
const ASKED = 1
const NOT_ASKED = 2

type TestField = (row: number) => boolean

/** Chooses the rows of a block that a scan looks at; runs in the scan threads, over columns rather than objects. */
export class RowFilter {
  readonly #tables: GalleryTables
  /** By person ordinal: 1 to look at; null: everybody. */
  readonly #persons: Uint8Array | null
  /** By group ordinal: 1 if asked for; null: all groups. */
  readonly #groups: Uint8Array | null
  /** By set of groups, as far as this scan has met it. */
  readonly #verdicts: Uint8Array
  readonly #testField: TestField | null

  constructor(filter: ScanFilter, tables: GalleryTables) {
    this.#tables = tables
    this.#persons = filter.persons === null ? null : personMask(filter.persons)
    this.#groups = filter.groups === null ? null : mask(filter.groups.end, filter.groups.ordinals, 1)
    this.#verdicts = new Uint8Array(filter.groups?.setEnd ?? 0)
    this.#testField = filter.field === null ? null : fieldTest(filter.field, tables)
  }

  /** Writes the numbers of the chosen rows among `count` rows from `first` on (all in one block); says how many. */
  select(first: number, count: number, chosen: Uint32Array): number {
    const owners = this.#tables.owners.wordsAround(first)
    let at = this.#tables.owners.placeOf(first)
    let found = 0
    for (let row = first; row < first + count; row++, at += 2) {
      const personPlusOne = owners[at + OWNER.personPlusOne] ?? 0
      if (personPlusOne === 0) continue
      if (this.#persons !== null && this.#persons[personPlusOne - 1] !== 1) continue
      if (this.#groups !== null && !this.#isAsked(owners[at + OWNER.groupSet] ?? 0)) continue
      if (this.#testField !== null && !this.#testField(row)) continue
      chosen[found++] = row
    }
    return found
  }

  /** Most rows share a few sets: each set is walked once in a scan. */
  #isAsked(set: number): boolean {
    const known = this.#verdicts[set] ?? UNKNOWN
    if (known !== UNKNOWN) return known === ASKED
    const asked = this.#hasGroup(set)
    this.#verdicts[set] = asked ? ASKED : NOT_ASKED
    return asked
  }

  #hasGroup(set: number): boolean {
    const { groupSets, groupCells } = this.#tables
    let cell = groupSets.get(set, 0)
    while (cell !== 0) {
      if (this.#groups?.[groupCells.get(cell, 0)] === 1) return true
      cell = groupCells.get(cell, 1)
    }
    return false
  }
}

function personMask(persons: NonNullable<ScanFilter['persons']>): Uint8Array {
  return mask(persons.end, persons.ordinals, persons.op === 'in' ? 1 : 0)
}

/** All of the other value, 0 or 1, but for these. */
function mask(length: number, places: readonly number[], value: 0 | 1): Uint8Array {
  const bytes = new Uint8Array(length).fill(1 - value)
  for (const place of places) bytes[place] = value
  return bytes
}

function fieldTest(filter: NonNullable<ScanFilter['field']>, tables: GalleryTables): TestField {
  const { fields } = tables
  const at = FIELD_AT[filter.field]
  const wanted = filter.op === 'in'
  // Two bytes of the fingerprint rule out nearly every row before anything is looked up.
  const hints = new Uint8Array(65_536)
  for (const [first] of filter.keys) hints[first & 65_535] = 1
  const byFirst = Map.groupBy(filter.keys, ([first]) => first)
  const isAt = (key: Key, row: number): boolean =>
    key.every((word, place) => word === fields.get(row, at + place))
  return (row) => {
    const first = fields.get(row, at)
    if (hints[first & 65_535] === 0) return !wanted
    return (byFirst.get(first)?.some((key) => isAt(key, row)) ?? false) === wanted
  }
}
