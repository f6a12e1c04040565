import {
  type Clock,
  claimGallery,
  type IdempotencyStore,
  type ImageStore,
  type ImportStore,
  type IndexGenerationRegistry,
  type ObserveDamage,
  type OperationStore,
  type RebuildableIndex,
  type RecordStore,
} from '@semblance/core'
import { openQdrantDescriptorIndex, type RecallShadowOptions } from '@semblance/index-qdrant'
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
import type { ClusterSettings } from './cluster-settings.ts'
import type { PackSummary } from './read-pack-summary.ts'
import { type AvailabilityWait, untilAvailable } from './until-available.ts'

/** Any single call to a server may take so long; requests have their own, longer deadlines. */
const CALL_TIMEOUT_MS = 5_000

export interface StoreOptions {
  readonly settings: ClusterSettings
  readonly pack: PackSummary
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
  readonly index: RebuildableIndex
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
  const { settings, pack, appName, onDamage, onCheckable } = options
  const name = settings.SEMBLANCE_NAME
  const inMongo = { ...wait, what: 'MongoDB' }
  const database = await untilAvailable(
    () => openMongoDatabase({ url: settings.SEMBLANCE_MONGO_URL, databaseName: name, appName }),
    inMongo,
  )
  resources.defer(() => database.close())
  const records = await untilAvailable(() => openMongoRecordStore({ database, onDamage }), inMongo)
  resources.defer(() => records.close())
  await untilAvailable(() => claimGallery(records, pack.packId), inMongo)
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
  const staged = await openApart(STAGED)
  onCheckable({ records, pictures })
  const index = await untilAvailable(() => openIndex(options, records.generations, wait.logger), {
    ...wait,
    what: 'Qdrant',
  })
  resources.defer(() => index.close())
  return { database, records, idempotency, imports, operations, pictures, largeInFlight, staged, index }
}

function openPictures(settings: ClusterSettings, database: MongoDatabase): Promise<ImageStore> {
  if (settings.SEMBLANCE_PICTURES === 'mongo') return openMongoImageStore({ database })
  return openBucket(settings, settings.SEMBLANCE_S3_PREFIX)
}

/** Where pictures lie that are not enrolled yet: a collection, or what follows the prefix in the bucket. */
interface PlaceApart {
  readonly collection: string
  readonly folder: string
}

const IN_FLIGHT: PlaceApart = { collection: 'picturesInFlight', folder: 'in-flight/' }
const STAGED: PlaceApart = { collection: 'stagedPictures', folder: 'staged/' }

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

function openIndex(
  { settings, pack, clock, onDamage, recall }: StoreOptions,
  registry: IndexGenerationRegistry,
  logger: AvailabilityWait['logger'],
) {
  return openQdrantDescriptorIndex({
    urls: settings.SEMBLANCE_QDRANT_URL,
    namePrefix: settings.SEMBLANCE_NAME,
    ...pack,
    registry,
    clock,
    onDamage,
    onLayoutDiffers: (difference) =>
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
  })
}
