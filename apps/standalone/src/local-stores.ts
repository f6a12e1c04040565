import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Clock,
  claimGallery,
  createBackgroundWork,
  type GalleryPorts,
  type ImageStore,
  type ImportStore,
  type LoadedPacks,
  type ObserveDamage,
  type OperationStore,
  type OutcomeKind,
  portsBeside,
  type RecordStore,
  reconcile,
  requireRecords,
} from '@semblance/core'
import {
  createLocalExclusive,
  type DiskImageStoreOptions,
  type DiskRoom,
  type DiskRoomOptions,
  type LocalIdempotencyStore,
  lockDataFolder,
  openDiskImageStore,
  openDiskRoom,
  openSqliteStores,
} from '@semblance/store-local'
import { v7 as uuidv7 } from 'uuid'
import { type LoadPacksOptions, loadPacks } from './load-packs.ts'
import type { PackOpener } from './open-packs.ts'

/** What was begun behind an answer may take this long at the end; the next start does the rest. */
const BACKGROUND_DRAIN_MS = 5_000

export interface LocalStoresOptions {
  readonly dataFolder: string
  readonly opener: PackOpener
  readonly threads: number
  /** What enrollment leaves free on the disk. */
  readonly diskReserveBytes: number
  readonly clock: Clock
  /** Pictures that may be without a record; beyond it E_RECORDS_MISSING, if the store knows far fewer than there are. */
  readonly acceptedMissing: number
  readonly onDeferred: GalleryPorts['onDeferred']
  readonly onDamage: ObserveDamage
  /** This is told of every row of an import that ends because its person is deleted. */
  readonly onImportRow?: (kind: OutcomeKind) => void
  /** This is told of each thread that died by itself and is replaced. */
  readonly onThreadDeath: (cause: unknown) => void
  /** This is told if the thread that reads and writes the persons died by itself. */
  readonly onStoreDeath: (cause: unknown) => void
  readonly onRoom: DiskRoomOptions['onChange']
  readonly onServing: LoadPacksOptions['onServing']
  readonly onLoaded: LoadPacksOptions['onLoaded']
}

export interface LocalStores extends GalleryPorts {
  /** What was answered lies in the same file as the persons, and is closed with them. */
  readonly idempotency: LocalIdempotencyStore
  /** In the same file as the persons, too. */
  readonly imports: ImportStore
  /** What is done to the gallery in the background; in the same file, too. */
  readonly operations: OperationStore
  /** Pictures that wait for their row of an import. */
  readonly staged: ImageStore
  readonly packs: LoadedPacks
  readonly databaseFile: string
  readonly room: DiskRoom
}

/**
 * The gallery in one data folder, index loaded, and whatever a crash left half done mended: nobody else can be at work
 * in a locked folder. What was opened is closed by `resources`, newest first.
 */
export async function openLocalStores(
  options: LocalStoresOptions,
  resources: AsyncDisposableStack,
): Promise<LocalStores> {
  const { dataFolder, clock, onDeferred, onDamage } = options
  const room = await openDataFolder(options, resources)
  const pictures = await openPictures({ folder: join(dataFolder, 'pictures'), clock, room }, resources)
  const staged = await openPictures({ folder: join(dataFolder, 'staged'), clock, room }, resources)
  const requireKnown = (known: RecordStore | null) =>
    requireRecords(known?.images ?? null, {
      what: 'pictures',
      list: (query, waiting) => pictures.list({ ...query, untouchedMs: 0 }, waiting),
      accepted: options.acceptedMissing,
      nowMs: clock.now(),
    })
  const file = join(dataFolder, 'semblance.sqlite')
  // Pictures are looked at before a database is made: an empty one would lie in the way of the one that is still to
  // be restored.
  if (!(await isThere(file))) await requireKnown(null)
  const { records, idempotency, imports, operations } = await openSqliteStores({
    file,
    clock,
    onDeath: options.onStoreDeath,
    onDamage,
    room,
    onLateErasure: (why) => onDeferred('erase from the write-ahead log', why),
  })
  resources.defer(() => records.close())
  await requireKnown(records)
  const opening = await options.opener.openAll(await records.settings.readPacks())
  await claimGallery(records, opening[0].packId)
  // Whoever held a claim is dead: a client that asks again need not wait for its lease to end.
  await idempotency.endLeases()
  const { packs, index } = await loadPacks(
    { ...options, records, aloneSince: clock.monotonic() },
    opening,
    resources,
  )
  const background = createBackgroundWork()
  resources.defer(() => background.stop({ drainMs: BACKGROUND_DRAIN_MS }))
  const own = { clock, newId: () => uuidv7(), background, onDeferred, onDamage }
  const beside = portsBeside({ imports, staged, operations, onRow: options.onImportRow })
  const gallery = { records, index, pictures, exclusive: createLocalExclusive(), ...own, ...beside }
  await reconcile(gallery, { waitsForOthers: false })
  packs.tidy()
  return { ...gallery, packs, idempotency, imports, operations, staged, databaseFile: file, room }
}

async function openPictures(
  options: DiskImageStoreOptions,
  resources: AsyncDisposableStack,
): Promise<ImageStore> {
  await mkdir(options.folder, { recursive: true, mode: 0o700 })
  const store = await openDiskImageStore(options)
  resources.defer(() => store.close())
  return store
}

/** Locked, with room on its disk looked after. */
async function openDataFolder(
  options: LocalStoresOptions,
  resources: AsyncDisposableStack,
): Promise<DiskRoom> {
  const lock = await lockDataFolder(options.dataFolder)
  resources.defer(() => lock.release())
  const room = await openDiskRoom({
    folder: options.dataFolder,
    floorBytes: options.diskReserveBytes,
    onChange: options.onRoom,
    onFault: (fault) => options.onDeferred('look at the disk', fault),
  })
  resources.defer(() => room.close())
  return room
}

async function isThere(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => null)
  return found !== null && found.size > 0
}
