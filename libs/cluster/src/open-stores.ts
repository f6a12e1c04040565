import type {
  Clock,
  IdempotencyStore,
  ImageStore,
  ImportStore,
  IndexGenerationRegistry,
  ObserveDamage,
  OperationStore,
  PackId,
  RecordStore,
  Waiting,
} from '@semblance/core'
import {
  type LayoutDifference,
  openQdrantDescriptorIndex,
  type RecallShadowOptions,
} from '@semblance/index-qdrant'
import {
  type MongoDatabase,
  type MongoRecordStore,
  openMongoDatabase,
  openMongoIdempotencyStore,
  openMongoImageStore,
  openMongoImportStore,
  openMongoOperationStore,
  openMongoRecordStore,
  openS3ImageStore,
} from '@semblance/store-mongo'
import { type ClusterSettings, type PlaceApart, STAGED_PLACE } from './cluster-settings.ts'
import { IndexOfPacks, type PackIndex, WRITTEN_WITHIN_MS } from './index-of-packs.ts'
import { KnownPacks } from './known-packs.ts'
import { type PackSummary, readPackSummary } from './read-pack-summary.ts'
import { type AvailabilityWait, untilAvailable } from './until-available.ts'

/** Any single call to a server may take so long; requests have their own, longer deadlines. */
const CALL_TIMEOUT_MS = 5_000

export interface StoreOptions {
  readonly settings: ClusterSettings
  /** The pack of a gallery that is new; any other has its own. */
  readonly pack: PackSummary
  /** Where packs are at hand. */
  readonly packsFolder: string
  readonly clock: Clock
  /** The name of this process in the server's lists of clients. */
  readonly appName: string
  /** This is told of records, pictures and vectors that cannot be used. */
  readonly onDamage?: ObserveDamage | undefined
  /** How searches are checked against an exact look at everybody; left out: none is. */
  readonly recall?: RecallShadowOptions | undefined
}

/** What is open so far: a server that is not there yet must not make the others look as if they were not, either. */
export type CheckableStores = {
  readonly records?: Pick<RecordStore, 'check'>
  readonly pictures?: Pick<ImageStore, 'check'>
}

export interface OpenedStores {
  readonly database: MongoDatabase
  readonly records: MongoRecordStore
  readonly idempotency: IdempotencyStore
  readonly imports: ImportStore
  readonly operations: OperationStore
  readonly pictures: ImageStore
  /** Large pictures that wait for a worker. */
  readonly largeInFlight: ImageStore
  /** Pictures that wait for their row of an import. */
  readonly staged: ImageStore
  readonly index: IndexOfPacks
  readonly packs: KnownPacks
}

/**
 * Opens one after the other, each as soon as its server is there, and tells each of `onCheckable`; `resources` closes
 * them, newest first.
 */
export async function openStores(
  options: StoreOptions & { readonly onCheckable: (opened: CheckableStores) => void },
  wait: Omit<AvailabilityWait, 'what'>,
  resources: AsyncDisposableStack,
): Promise<OpenedStores> {
  const { settings, appName, onDamage, onCheckable } = options
  const name = settings.SEMBLANCE_NAME
  const inMongo = { ...wait, what: 'MongoDB' }
  const database = await untilAvailable(
    () => openMongoDatabase({ url: settings.SEMBLANCE_MONGO_URL, databaseName: name, appName }),
    inMongo,
  )
  resources.defer(() => database.close())
  const records = await untilAvailable(() => openMongoRecordStore({ database, onDamage }), inMongo)
  resources.defer(() => records.close())
  const idempotency = await untilAvailable(() => openMongoIdempotencyStore({ database, onDamage }), inMongo)
  const imports = await untilAvailable(() => openMongoImportStore({ database, onDamage }), inMongo)
  const operations = await untilAvailable(() => openMongoOperationStore({ database }), inMongo)
  onCheckable({ records })
  const inPictureStore = { ...wait, what: 'the picture store' }
  const pictures = await untilAvailable(() => openPictures(settings, database), inPictureStore)
  resources.defer(() => pictures.close())
  const openApart = async (place: PlaceApart) => {
    const store = await untilAvailable(() => openPicturesApart(settings, database, place), inPictureStore)
    resources.defer(() => store.close())
    return store
  }
  const largeInFlight = await openApart(IN_FLIGHT)
  const staged = await openApart(STAGED_PLACE)
  onCheckable({ records, pictures })
  const { index, packs } = await openIndexes(options, records, wait)
  resources.defer(() => index.close())
  return {
    database,
    records,
    idempotency,
    imports,
    operations,
    pictures,
    largeInFlight,
    staged,
    index,
    packs,
  }
}

/** The gallery's packs and their indexes: a gallery that is new is of the pack of the settings. */
async function openIndexes(
  options: StoreOptions,
  records: MongoRecordStore,
  wait: Omit<AvailabilityWait, 'what'>,
): Promise<Pick<OpenedStores, 'index' | 'packs'>> {
  const { clock, pack } = options
  const claim = () => records.settings.claimPack(pack.packId)
  const serving = await untilAvailable(claim, { ...wait, what: 'MongoDB' })
  const packs = new KnownPacks({ read: (waiting) => records.settings.readPacks(waiting), clock })
  const open = (packId: PackId, summary: PackSummary | null, waiting?: Waiting) =>
    openIndex({ ...options, packId, summary, registry: records.generationsOf(packId) }, wait.logger, waiting)
  const summary = await summaryOf(options, serving)
  const first = await untilAvailable(() => open(serving, summary), { ...wait, what: 'Qdrant' })
  return {
    packs,
    index: new IndexOfPacks({ known: packs, clock, open, first: { packId: serving, index: first } }),
  }
}

/** Null: that pack is not at hand, and its index has to be there; a process that describes no pictures needs no more. */
async function summaryOf({ pack, packsFolder }: StoreOptions, serving: PackId): Promise<PackSummary | null> {
  return pack.packId === serving ? pack : readPackSummary(packsFolder, serving).catch(() => null)
}

function openPictures(settings: ClusterSettings, database: MongoDatabase): Promise<ImageStore> {
  if (settings.SEMBLANCE_PICTURES === 'mongo') return openMongoImageStore({ database })
  return openBucket(settings, settings.SEMBLANCE_S3_PREFIX)
}

const IN_FLIGHT: PlaceApart = { collection: 'picturesInFlight', folder: 'in-flight/' }

/** They lie apart from the enrolled ones: what is enrolled is backed up, swept and counted. */
function openPicturesApart(
  settings: ClusterSettings,
  database: MongoDatabase,
  { collection, folder }: PlaceApart,
): Promise<ImageStore> {
  if (settings.SEMBLANCE_PICTURES === 'mongo') return openMongoImageStore({ database, collection })
  return openBucket(settings, `${settings.SEMBLANCE_S3_PREFIX}${folder}`)
}

function openBucket(settings: ClusterSettings, prefix: string): Promise<ImageStore> {
  return openS3ImageStore({
    bucket: settings.SEMBLANCE_S3_BUCKET ?? '',
    region: settings.SEMBLANCE_S3_REGION,
    prefix,
    ...(settings.SEMBLANCE_S3_ENCRYPTION === undefined
      ? {}
      : { serverSideEncryption: settings.SEMBLANCE_S3_ENCRYPTION }),
    ...(settings.SEMBLANCE_S3_ENDPOINT === undefined
      ? {}
      : { endpoint: settings.SEMBLANCE_S3_ENDPOINT, forcePathStyle: true }),
  })
}

interface IndexToOpen extends StoreOptions {
  readonly packId: PackId
  readonly summary: PackSummary | null
  readonly registry: IndexGenerationRegistry
}

function openIndex(
  { settings, packId, summary, registry, clock, onDamage, recall }: IndexToOpen,
  logger: AvailabilityWait['logger'],
  waiting?: Waiting,
): Promise<PackIndex> {
  const config = {
    urls: settings.SEMBLANCE_QDRANT_URL,
    namePrefix: settings.SEMBLANCE_NAME,
    packId,
    dimensions: summary?.dimensions ?? null,
    writtenWithinMs: WRITTEN_WITHIN_MS,
    registry,
    clock,
    onDamage,
    onLayoutDiffers: (difference: LayoutDifference) =>
      logger.warn(
        { ...difference },
        'the index was made otherwise than the settings ask: semblance index rebuild applies them',
      ),
    recall,
    acceptedMissing: settings.SEMBLANCE_ACCEPT_MISSING_RECORDS,
    timeoutMs: CALL_TIMEOUT_MS,
    shardNumber: settings.SEMBLANCE_QDRANT_SHARDS,
    replicationFactor: settings.SEMBLANCE_QDRANT_REPLICAS,
    writeConsistencyFactor: settings.SEMBLANCE_QDRANT_WRITE_CONSISTENCY,
    quantization: settings.SEMBLANCE_QDRANT_QUANTIZATION,
    ...(settings.SEMBLANCE_QDRANT_API_KEY === undefined ? {} : { apiKey: settings.SEMBLANCE_QDRANT_API_KEY }),
  }
  return openQdrantDescriptorIndex(config, waiting)
}
