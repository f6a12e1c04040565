import type { ScanFilter } from '../scan-messages.ts'
import { FIELD_AT, FIELD_WORDS, type GalleryTables, OWNER, OWNER_WORDS } from './gallery-memory.ts'
import type { Key } from './uuid-key.ts'
import type { WordTable } from './word-table.ts'

/** 4 kB of hints stay in a core's nearest cache. */
const HINT_MASK = 4095

const UNKNOWN = 0
const ASKED = 1
const NOT_ASKED = 2

/** Chooses the rows of a block that a scan looks at, over columns rather than objects: in the scan threads, and on the main thread where rows are only counted. */
export class RowFilter {
  readonly #tables: GalleryTables
  /** 1 for each person ordinal to look at; null: everybody. */
  readonly #persons: Uint8Array | null
  readonly #groups: GroupTest | null
  readonly #field: FieldTest | null

  constructor(filter: ScanFilter, tables: GalleryTables) {
    this.#tables = tables
    this.#persons = filter.persons === null ? null : personMask(filter.persons)
    this.#groups = filter.groups === null ? null : new GroupTest(filter.groups, tables)
    this.#field = filter.field === null ? null : new FieldTest(filter.field, tables)
  }

  /** Lets every row through that is not free. */
  get isOpen(): boolean {
    return this.#persons === null && this.#groups === null && this.#field === null
  }

  /**
   * Writes which rows are chosen among `count` rows from `first` on (all in one block), counted from there; says how many.
   */
  select(first: number, count: number, chosen: Uint32Array): number {
    // The fields are copied into locals, because the loop then runs several times faster.
    const persons = this.#persons
    const groups = this.#groups
    const field = this.#field
    if (persons === null && groups === null && field === null)
      return selectLive(this.#tables.owners, { first, count }, chosen)
    if (persons === null && field === null && groups !== null) return groups.select({ first, count }, chosen)
    const fields = this.#tables.fields.wordsAround(first)
    const fieldAt = this.#tables.fields.originOf(first) + (field?.at ?? 0)
    const owners = this.#tables.owners.wordsAround(first)
    const origin = this.#tables.owners.originOf(first)
    let found = 0
    for (let row = first; row < first + count; row++) {
      const at = origin + row * OWNER_WORDS
      const personPlusOne = owners[at + OWNER.personPlusOne] ?? 0
      if (personPlusOne === 0) continue
      if (persons !== null && persons[personPlusOne - 1] !== 1) continue
      if (groups !== null && !groups.isAsked(owners[at + OWNER.groupSet] ?? 0)) continue
      if (field !== null && !field.holds(row, fields[fieldAt + row * FIELD_WORDS] ?? 0)) continue
      chosen[found++] = row - first
    }
    return found
  }
}

function selectLive(
  owners: WordTable,
  { first, count }: { readonly first: number; readonly count: number },
  chosen: Uint32Array,
): number {
  const words = owners.wordsAround(first)
  const at = owners.originOf(first) + OWNER.personPlusOne
  let found = 0
  for (let row = first; row < first + count; row++)
    if (words[at + row * OWNER_WORDS] !== 0) chosen[found++] = row - first
  return found
}

/** Tells whether a set has one of the groups; most rows share a few sets, and each is walked once in a scan. */
class GroupTest {
  readonly wanted: Uint8Array
  readonly verdicts: Uint8Array
  readonly tables: GalleryTables

  constructor(groups: NonNullable<ScanFilter['groups']>, tables: GalleryTables) {
    this.tables = tables
    this.wanted = mask(groups.end, groups.ordinals, 1)
    this.verdicts = new Uint8Array(groups.setEnd)
  }

  isAsked(set: number): boolean {
    const verdict = this.verdicts[set]
    return verdict === UNKNOWN ? this.judge(set) : verdict === ASKED
  }

  /** As `RowFilter.select` for a filter by groups alone, the usual one: half the time of the loop for all kinds. */
  select({ first, count }: { readonly first: number; readonly count: number }, chosen: Uint32Array): number {
    const { owners } = this.tables
    const words = owners.wordsAround(first)
    const { verdicts } = this
    let at = owners.originOf(first) + first * OWNER_WORDS
    let found = 0
    for (let number = 0; number < count; number++, at += OWNER_WORDS) {
      const set = words[at + OWNER.groupSet] ?? 0
      const verdict = verdicts[set]
      if (verdict === NOT_ASKED || words[at + OWNER.personPlusOne] === 0) continue
      if (verdict === ASKED || this.judge(set)) chosen[found++] = number
    }
    return found
  }

  judge(set: number): boolean {
    const { groupSets, groupCells } = this.tables
    let cell = groupSets.get(set, 0)
    while (cell !== 0 && this.wanted[groupCells.get(cell, 0)] !== 1) cell = groupCells.get(cell, 1)
    this.verdicts[set] = cell === 0 ? NOT_ASKED : ASKED
    return cell !== 0
  }
}

class FieldTest {
  readonly fields: WordTable
  readonly at: number
  readonly isIn: boolean
  /** 1 where one of the fingerprints may be: rules out nearly every row before anything is looked up. */
  readonly hints = new Uint8Array(HINT_MASK + 1)
  readonly byFirst: ReadonlyMap<number, readonly Key[]>

  constructor(filter: NonNullable<ScanFilter['field']>, { fields }: GalleryTables) {
    this.fields = fields
    this.at = FIELD_AT[filter.field]
    this.isIn = filter.op === 'in'
    this.byFirst = Map.groupBy(filter.keys, ([first]) => first)
    for (const [first] of filter.keys) this.hints[first & HINT_MASK] = 1
  }

  /** @param first the first word of the row's fingerprint */
  holds(row: number, first: number): boolean {
    return (this.hints[first & HINT_MASK] === 1 && this.isListed(row, first)) === this.isIn
  }

  isListed(row: number, first: number): boolean {
    const isAt = (key: Key): boolean =>
      key.every((word, place) => word === this.fields.get(row, this.at + place))
    return this.byFirst.get(first)?.some(isAt) ?? false
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
