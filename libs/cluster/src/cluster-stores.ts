import { randomUUID } from 'node:crypto'
import {
  type BackgroundWork,
  createBackgroundWork,
  type Exclusive,
  type GalleryPorts,
  type IdempotencyStore,
  type ImageStore,
  type ImportStore,
  type OperationStore,
  type OutcomeKind,
  type PackDesk,
  type PackId,
  portsBeside,
  type RecordInspector,
  rememberedRoom,
  requireRecords,
  storeUnavailable,
} from '@semblance/core'
import { createMongoExclusive, createMongoInspector } from '@semblance/store-mongo'
import { v7 as uuidv7 } from 'uuid'
import { ClusterPacks, type ClusterPacksDeps } from './cluster-packs.ts'
import { largePictureBytes } from './cluster-settings.ts'
import { deferredPort } from './deferred-port.ts'
import { deferredStores } from './deferred-stores.ts'
import type { IndexOfPacks } from './index-of-packs.ts'
import type { KnownPacks } from './known-packs.ts'
import { openLifeSign } from './life-sign.ts'
import { type CheckableStores, type OpenedStores, openStores, type StoreOptions } from './open-stores.ts'
import { readOperatingPoint, readPackSummary } from './read-pack-summary.ts'
import { type AvailabilityWait, untilAvailable } from './until-available.ts'

/** A holder's lease may be taken after this long without a sign of life. */
const LEASE_MS = 15_000
/** What was begun behind an answer may take this long at the end; then the reconciler of another process does it. */
const BACKGROUND_DRAIN_MS = 5_000

export interface ClusterStores {
  /** Usable at once: what needs a server that is not there yet is refused as unavailable. */
  readonly gallery: GalleryPorts & { readonly index: IndexOfPacks }
  /** Pictures that wait for a worker and are too large for Redis. */
  readonly largeInFlight: {
    readonly store: ImageStore
    readonly fromBytes: number
    readonly toBytes: number
  }
  /** Imports, and the pictures that wait for their row of one. */
  readonly importing: { readonly imports: ImportStore; readonly staged: ImageStore }
  /** What is done to the gallery in the background. */
  readonly operations: OperationStore
  /** A look at all records, usable or not. */
  readonly records: RecordInspector
  /** What was answered under an Idempotency-Key. */
  readonly idempotency: IdempotencyStore
  /** The packs of the gallery, once the stores are open. */
  readonly packs: Promise<KnownPacks>
  /** Moves the gallery between packs; its calls fail until the stores are open. */
  deskFor(workers: ClusterPacksDeps['workers']): PackDesk
  /** Resolves when every store is open; rejects on a fault that no waiting mends. */
  readonly opened: Promise<void>
  /** Checks by the name of the server. Each rejects unless the server answers now. */
  readonly checks: Readonly<Record<'mongo' | 'qdrant', () => Promise<void>>> &
    Readonly<Partial<Record<'s3', () => Promise<void>>>>
  /** This may be called while the stores are still opening. */
  close(): Promise<void>
}

export interface ClusterStoresOptions extends StoreOptions {
  readonly logger: AvailabilityWait['logger']
  readonly onWaiting?: AvailabilityWait['onWaiting']
  /** True for commands that are to look at, or mend, what a gateway would refuse to start on. */
  readonly opensAnyway?: boolean
  /** This is told of every row of an import that ends because its person is deleted. */
  readonly onImportRow?: (kind: OutcomeKind) => void
}

/** The gallery of a cluster: persons in MongoDB, vectors in Qdrant, pictures where the settings say. */
export function openClusterStores(options: ClusterStoresOptions): ClusterStores {
  const { logger, onWaiting } = options
  const { port: ports, arrive } = deferredStores()
  const resources = new AsyncDisposableStack()
  const stopping = new AbortController()
  const checks = checksOf(options.settings, ports)
  const open = async () => {
    const wait = { signal: stopping.signal, logger, onWaiting }
    const stores = await openStores({ ...options, onCheckable: checks.known }, wait, resources)
    if (options.opensAnyway !== true) await requireKnownPictures(stores, options, stopping.signal)
    arrive({
      ...stores,
      exclusive: await exclusiveIn(stores, options, resources),
      inspector: createMongoInspector(stores),
    })
    return stores
  }
  const opening = open()
  const opened = opening.then(() => {})
  const packs = opening.then((stores) => stores.packs)
  // Whoever awaits `opened` hears of its failure.
  packs.catch(() => {})
  const background = createBackgroundWork()
  const { records, index, pictures, exclusive, imports, staged, operations } = ports
  const importing = { imports, staged }
  const workings = {
    ...workingsOf(options, background),
    ...portsBeside({ ...ports, onRow: options.onImportRow }),
  }
  return {
    gallery: { records, index, pictures, exclusive, ...workings },
    largeInFlight: { store: ports.largeInFlight, ...largePictureBytes(options.settings) },
    importing,
    operations,
    records: ports.inspector,
    idempotency: ports.idempotency,
    packs,
    deskFor: (workers) => deskOver(opening, options, workers),
    opened,
    checks: checks.byServer,
    close: async () => {
      stopping.abort(new Error('the process is stopping'))
      await Promise.allSettled([opened])
      await background.stop({ drainMs: BACKGROUND_DRAIN_MS })
      await resources.disposeAsync()
    },
  }
}

function deskOver(
  opening: Promise<OpenedStores>,
  { packsFolder }: ClusterStoresOptions,
  workers: ClusterPacksDeps['workers'],
): PackDesk {
  const desk = deferredPort<PackDesk>(storeUnavailable)
  const summaryOf = (name: string) => readPackSummary(packsFolder, name)
  const operatingPointOf = (packId: PackId) => readOperatingPoint(packsFolder, packId)
  const arrive = ({ packs: known, index, records }: OpenedStores) =>
    desk.arrive(new ClusterPacks({ known, index, records, summaryOf, operatingPointOf, workers }))
  opening.then(arrive, () => {})
  return desk.port
}

/** What a gallery needs beside its stores. */
function workingsOf({ clock, logger, onDamage }: ClusterStoresOptions, background: BackgroundWork) {
  const onDeferred = (step: string, fault: unknown) =>
    logger.warn({ step, err: fault }, 'left to the reconciler')
  return { clock, newId: () => uuidv7(), room: rememberedRoom(clock), onDeferred, onDamage, background }
}

async function exclusiveIn(
  { database }: OpenedStores,
  { clock }: ClusterStoresOptions,
  resources: AsyncDisposableStack,
): Promise<Exclusive> {
  const holderId = randomUUID()
  const sign = await openLifeSign(holderId)
  resources.defer(() => sign.close())
  const hasEnded = (process: string) => sign.hasEnded(process)
  return createMongoExclusive({ database, leaseMs: LEASE_MS, clock, holderId, hasEnded })
}

/** One for each server; the index comes last, so that the gallery is whole once all of them pass. */
function checksOf(
  settings: ClusterStoresOptions['settings'],
  ports: Required<CheckableStores> & { readonly index: Pick<IndexOfPacks, 'check'> },
) {
  let open: CheckableStores = {}
  const s3 = () => (open.pictures ?? ports.pictures).check()
  const byServer: ClusterStores['checks'] = {
    mongo: () => (open.records ?? ports.records).check(),
    // Else the pictures are in MongoDB, which is asked already.
    ...(settings.SEMBLANCE_PICTURES === 's3' ? { s3 } : {}),
    qdrant: () => ports.index.check(),
  }
  return {
    byServer,
    known: (stores: CheckableStores) => {
      open = stores
    },
  }
}

/** Throws E_RECORDS_MISSING where the pictures belong to another, or a later, gallery than the one in MongoDB. */
function requireKnownPictures(
  { records, pictures }: OpenedStores,
  { settings, clock, logger }: ClusterStoresOptions,
  signal: AbortSignal,
): Promise<void> {
  const check = () =>
    requireRecords(records.images, {
      what: 'pictures',
      list: (query, waiting) => pictures.list({ ...query, untouchedMs: 0 }, waiting),
      accepted: settings.SEMBLANCE_ACCEPT_MISSING_RECORDS,
      nowMs: clock.now(),
      signal,
    })
  return untilAvailable(check, { what: 'the stores', signal, logger })
}
