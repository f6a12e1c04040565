import type {
  ImageId,
  ImportId,
  ImportRow,
  ImportSource,
  ImportStore,
  NamedRow,
  RowOutcome,
} from '@semblance/core'
import { aRow, newTestId } from '@semblance/core/testing'

/** An empty store of its own for one test. */
export interface ImportStoreHarness {
  readonly store: ImportStore
  /** Another connection to the same data, as another process would have it. */
  another(): Promise<ImportStore>
  /** Makes everything written so far older by `ms`, as the store judges it. */
  age(ms: number): Promise<void>
  close(): Promise<void>
}

export const LEASE_MS = 60_000

export const SOURCE_OF_EARLIER_VERSION: ImportSource = {
  ...{ url: 's3://faces/é/', pattern: '{person}_{n}.jpg', closes: true, state: 'reading' },
  ...{ why: null, cursor: 'ö/1.jpg', rows: 3 },
}
export const SOURCE = {
  ...SOURCE_OF_EARLIER_VERSION,
  ...{ conflicts: 1, notes: ['columns that are not read: "größe"'] },
}

export function claimFrom(store: ImportStore, given: { id: ImportId; holder: string; count: number }) {
  const { count, ...claim } = given
  return store.rows.claim({ ...claim, leaseMs: LEASE_MS, newImageIds: someIds(count) })
}

/** Rows of the import by their keys, in this order; one that is not there has a position that no row has. */
export async function namedRows(
  { rows }: ImportStore,
  id: ImportId,
  keys: readonly string[],
): Promise<readonly NamedRow[]> {
  const found = await Promise.all(keys.map((key) => rows.find(id, key)))
  return keys.map((key, i) => ({ key, position: found[i]?.position ?? 0 }))
}

/** Ends rows by their keys, and answers the keys of those that ended. */
export async function endRows(
  store: ImportStore,
  given: {
    readonly id: ImportId
    readonly holder: string
    readonly outcomes: Readonly<Record<string, RowOutcome>>
  },
): Promise<readonly string[]> {
  const { id, holder, outcomes } = given
  const named = await namedRows(store, id, Object.keys(outcomes))
  const rows = named.map((row) => ({ ...row, outcome: outcomes[row.key]! }))
  const ended = await store.rows.end({ id, holder, rows })
  return ended.map((position) => named.find((row) => row.position === position)!.key)
}

export function someIds(count: number): readonly ImageId[] {
  return Array.from({ length: count }, () => newTestId<ImageId>())
}

export const rowsOf = (keys: readonly string[]) => keys.map((key) => aRow({ key }))

export function aStaged(bytes = 10) {
  return { from: 'staged', stagedId: newTestId<ImageId>(), bytes } as const
}

export function keyTriesAndImage({ key, tries, imageId }: ImportRow) {
  return [key, tries, imageId]
}
