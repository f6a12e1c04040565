import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, claimGallery, type Gallery, loadIndex, type PackId, reconcile } from '@semblance/core'
import {
  createLocalExclusive,
  lockDataFolder,
  openDiskImageStore,
  openExactDescriptorIndex,
  openSqliteStores,
  type SqliteIdempotencyStore,
} from '@semblance/store-local'
import { v7 as uuidv7 } from 'uuid'

export interface LocalGalleryOptions {
  readonly dataFolder: string
  readonly packId: PackId
  readonly dimensions: number
  readonly threads: number
  readonly clock: Clock
  readonly onDeferred: Gallery['onDeferred']
}

export interface LocalGallery extends Gallery {
  /** In the same file as the persons, and closed with them. */
  readonly idempotency: SqliteIdempotencyStore
}

/**
 * The gallery in one data folder, index loaded, and whatever a crash left half done mended: nobody else can be at work
 * in a locked folder. What was opened is closed by `resources`, newest first.
 */
export async function openLocalGallery(
  options: LocalGalleryOptions,
  resources: AsyncDisposableStack,
): Promise<LocalGallery> {
  const { dataFolder, packId, dimensions, threads, clock, onDeferred } = options
  const lock = await lockDataFolder(dataFolder)
  resources.defer(() => lock.release())
  const file = join(dataFolder, 'semblance.sqlite')
  const { persons, idempotency } = await openSqliteStores({ file, clock })
  resources.defer(() => persons.close())
  await claimGallery(persons, packId)
  // Whoever held a claim is dead: a client that asks again need not wait for its lease to end.
  await idempotency.endLeases()
  const folder = join(dataFolder, 'pictures')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const pictures = await openDiskImageStore({ folder, clock })
  resources.defer(() => pictures.close())
  const index = await openExactDescriptorIndex({ packId, dimensions, threads })
  resources.defer(() => index.close())
  const exclusive = createLocalExclusive()
  const gallery = { persons, index, pictures, exclusive, clock, newId: () => uuidv7(), onDeferred }
  await loadIndex(gallery)
  await reconcile(gallery, { waitsForOthers: false })
  return { ...gallery, idempotency }
}
