import type { GroupId } from '@semblance/core'
import type { GalleryTables } from '../memory/gallery-memory.ts'
import type { Key } from '../memory/uuid-key.ts'
import { WordTable } from '../memory/word-table.ts'
import { fingerprint, NO_TEXT } from './fingerprint.ts'
import { KeyDirectory } from './key-directory.ts'

const FIRST_CELL = 0
const USES = 1
const GROUP = 0
const NEXT_CELL = 1

/**
 * Sets of groups, each kept once however many rows have it, because nearly all persons of a gallery share a few.
 * Sets and groups that no row uses any more are forgotten and their room is used again.
 */
export class GroupSets {
  readonly #tables: GalleryTables
  readonly #groups = new KeyDirectory(new WordTable(4))
  readonly #groupUses = new WordTable(1)
  readonly #sets = new KeyDirectory(new WordTable(4))
  #cellEnd = 1
  #firstFreeCell = 0
  #lastText = ''
  #lastKey: Key = NO_TEXT

  constructor(tables: GalleryTables) {
    this.#tables = tables
  }

  /** Group ordinals are below. */
  get groupEnd(): number {
    return this.#groups.end
  }

  /** Set ordinals are below. */
  get setEnd(): number {
    return this.#sets.end
  }

  /** -1 for a group that no row has. */
  groupOrdinal(group: GroupId): number {
    return this.#groups.find(fingerprint(group))
  }

  /** The ordinal of the set, counted as used once more. */
  retain(groups: readonly GroupId[]): number {
    const members = [...new Set(groups)].sort()
    const key = this.#keyOf(members)
    const found = this.#sets.find(key)
    const set = found >= 0 ? found : this.#addSet(key, members)
    this.#tables.groupSets.set(set, USES, this.#tables.groupSets.get(set, USES) + 1)
    return set
  }

  release(set: number): void {
    const { groupSets } = this.#tables
    const uses = groupSets.get(set, USES) - 1
    groupSets.set(set, USES, uses)
    if (uses === 0) this.#removeSet(set)
  }

  /** Rows come in runs of the same groups (a bulk import): the last fingerprint is likely the next one. */
  #keyOf(members: readonly GroupId[]): Key {
    const text = JSON.stringify(members)
    if (text !== this.#lastText) {
      this.#lastText = text
      this.#lastKey = fingerprint(text)
    }
    return this.#lastKey
  }

  #addSet(key: Key, members: readonly GroupId[]): number {
    const { groupSets, groupCells } = this.#tables
    const set = this.#sets.add(key)
    groupSets.reserve(set)
    let next = 0
    for (const group of members) {
      const cell = this.#takeCell()
      groupCells.set(cell, GROUP, this.#retainGroup(group))
      groupCells.set(cell, NEXT_CELL, next)
      next = cell
    }
    groupSets.set(set, FIRST_CELL, next)
    groupSets.set(set, USES, 0)
    return set
  }

  #removeSet(set: number): void {
    const { groupSets, groupCells } = this.#tables
    let cell = groupSets.get(set, FIRST_CELL)
    while (cell !== 0) {
      const next = groupCells.get(cell, NEXT_CELL)
      this.#releaseGroup(groupCells.get(cell, GROUP))
      groupCells.set(cell, NEXT_CELL, this.#firstFreeCell)
      this.#firstFreeCell = cell
      cell = next
    }
    this.#sets.remove(set)
  }

  #takeCell(): number {
    const freed = this.#firstFreeCell
    if (freed === 0) {
      this.#tables.groupCells.reserve(this.#cellEnd)
      return this.#cellEnd++
    }
    this.#firstFreeCell = this.#tables.groupCells.get(freed, NEXT_CELL)
    return freed
  }

  #retainGroup(group: GroupId): number {
    const key = fingerprint(group)
    const found = this.#groups.find(key)
    const ordinal = found >= 0 ? found : this.#groups.add(key)
    this.#groupUses.reserve(ordinal)
    this.#groupUses.set(ordinal, 0, this.#groupUses.get(ordinal, 0) + 1)
    return ordinal
  }

  #releaseGroup(ordinal: number): void {
    const uses = this.#groupUses.get(ordinal, 0) - 1
    this.#groupUses.set(ordinal, 0, uses)
    if (uses === 0) this.#groups.remove(ordinal)
  }
}
