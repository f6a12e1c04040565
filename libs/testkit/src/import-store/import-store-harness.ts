import type { ImageId, ImportId, ImportRow, ImportStore } from '@semblance/core'
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

export function claimFrom(store: ImportStore, given: { id: ImportId; holder: string; count: number }) {
  const { count, ...claim } = given
  return store.rows.claim({ ...claim, leaseMs: LEASE_MS, newImageIds: someIds(count) })
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
