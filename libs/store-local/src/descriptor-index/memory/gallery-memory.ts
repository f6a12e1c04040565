import { VectorChunks } from './vector-chunks.ts'
import type { VectorLayout } from './vector-layout.ts'
import type { WasmMemory } from './web-assembly.ts'
import { WordTable } from './word-table.ts'

export const OWNER_WORDS = 2
export const FIELD_WORDS = 8

/** Words of a record in each table that scan threads read. */
const WIDTHS = {
  /** The image's id, by row. */
  imageKeys: 4,
  /** The person's id, by person ordinal. */
  personKeys: 4,
  /** The person's ordinal + 1 (0: the row is free) and its set of groups, by row. */
  owners: OWNER_WORDS,
  /** Fingerprints of the name and of the external id, by row. */
  fields: FIELD_WORDS,
  /** The first cell of a set and how many rows use it, by set. */
  groupSets: 2,
  /** A group's ordinal and the next cell (0: none) of the set, by cell. */
  groupCells: 2,
} as const

export type TableName = keyof typeof WIDTHS
export type GalleryTables = Readonly<Record<TableName, WordTable>>

/** Words of an owner record. */
export const OWNER = { personPlusOne: 0, groupSet: 1 } as const
/** First words of the two fingerprints in a field record. */
export const FIELD_AT = { name: 0, externalId: 4 } as const

/** Memory that came into being; a thread adopts growths in the order in which they happened. */
export type Growth =
  | { readonly kind: 'segment'; readonly table: TableName; readonly segment: SharedArrayBuffer }
  | { readonly kind: 'chunk'; readonly memory: WasmMemory }

export function makeTables(announce: (growth: Growth) => void): GalleryTables {
  const table = (name: TableName): WordTable =>
    new WordTable(WIDTHS[name], (segment) => announce({ kind: 'segment', table: name, segment }))
  return {
    imageKeys: table('imageKeys'),
    personKeys: table('personKeys'),
    owners: table('owners'),
    fields: table('fields'),
    groupSets: table('groupSets'),
    groupCells: table('groupCells'),
  }
}

/** All that scan threads read, written by the main thread only, and never while a scan is running. */
export class GalleryMemory {
  readonly layout: VectorLayout
  readonly tables: GalleryTables
  readonly vectors: VectorChunks
  /** Every growth so far: what a thread that starts late has to adopt. */
  readonly growths: Growth[] = []
  readonly #listeners: ((growth: Growth) => void)[] = []

  constructor(layout: VectorLayout) {
    const announce = (growth: Growth): void => {
      this.growths.push(growth)
      for (const listen of this.#listeners) listen(growth)
    }
    this.layout = layout
    this.tables = makeTables(announce)
    this.vectors = new VectorChunks(layout, (memory) => announce({ kind: 'chunk', memory }))
  }

  onGrowth(listen: (growth: Growth) => void): void {
    this.#listeners.push(listen)
  }
}
