import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import {
  bytes,
  decimal,
  durationMs,
  host,
  installationName,
  integer,
  list,
  oneOf,
  port,
  text,
  url,
} from './fields.ts'
import { absoluteFolder, bucketName } from './link-fields.ts'
import { secretList, secretText, secretUrl } from './secret-fields.ts'

/** Variables that more than one app reads, by what they govern: one name, one meaning, one default. */

export const logSettings = {
  SEMBLANCE_LOG_LEVEL: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
} as const

/** What commands that call a server read. Servers may share an environment with them. */
export const clientSettings = {
  SEMBLANCE_URL: url().default('http://127.0.0.1:41101'),
  SEMBLANCE_CLIENT_KEY: secretText().optional(),
} as const

/** Settings of a server's end. */
export const stopSettings = {
  /** What a server has under way when it is told to stop may take this long. */
  SEMBLANCE_DRAIN_MS: durationMs({ min: 1_000, max: 3_600_000 }).default(20_000),
} as const

/** Of servers behind a load balancer. */
export const gatewayStopSettings = {
  /** Time that everything is still served, before the drain time, while load balancers take the server out. */
  SEMBLANCE_STOP_DELAY_MS: durationMs({ min: 0, max: 600_000 }).default(0),
} as const

/** Settings of whoever serves the HTTP API. */
export const apiSettings = {
  SEMBLANCE_HOST: host().default('127.0.0.1'),
  SEMBLANCE_PORT: port().default(41101),
  SEMBLANCE_PUBLIC_URL: url().optional(),
  SEMBLANCE_API_KEYS: secretList().optional(),
  /** Of the keys, in their order: what pages call them. A key without one is told apart by a part of its hash. */
  SEMBLANCE_API_KEY_NAMES: list().default([]),
  /** API keys, too, and the only ones that may have descriptors go out or come in. */
  SEMBLANCE_DESCRIPTOR_KEYS: secretList().optional(),
  SEMBLANCE_CORS_ORIGINS: list(url()).default([]),
  /** The folder of the built console, or `off`. The default is that of the program itself, from `src` as from `dist`. */
  SEMBLANCE_CONSOLE: text().default(join(import.meta.dirname, '../../../apps/console/dist')),
  /** Names, without port. */
  SEMBLANCE_ALLOWED_HOSTS: list(host()).default([]),
  /** Bytes of request bodies held at once; at least one body always fits. */
  SEMBLANCE_MAX_BODIES_BYTES: bytes({ min: 1_000_000 }).default(256_000_000),
  /** Bytes of thumbnails kept in memory; 0: none. */
  SEMBLANCE_THUMBNAIL_BYTES: bytes({ min: 0 }).default(32_000_000),
  SEMBLANCE_SEARCH_DEADLINE_MS: durationMs({ min: 100 }).default(10_000),
  SEMBLANCE_ENROLL_DEADLINE_MS: durationMs({ min: 100 }).default(30_000),
  SEMBLANCE_QUEUE_LIMIT: integer({ min: 1, max: 100_000 }).default(256),
  SEMBLANCE_THRESHOLD: decimal({ min: 0, max: 2 }).default(1),
  /** For searches that name neither: goes before the threshold, which still holds for imports and duplicates. */
  SEMBLANCE_TARGET_FPIR: decimal({ min: 0.000001, max: 0.5 }).optional(),
  /** What faces must comply with to be enrolled, where the request does not say; see docs/quality.md. */
  SEMBLANCE_ENROLLMENT_QUALITY: oneOf(['off', 'standard', 'strict']).default('off'),
  /** Pictures of one type in a match; more are answered with code 238. The default allows fourteen pictures in all. */
  SEMBLANCE_MATCH_IMAGES_PER_TYPE: integer({ min: 1, max: 16 }).default(2),
} as const

/** Settings of whoever takes pictures in, over HTTP or behind links. */
export const pictureSettings = {
  SEMBLANCE_MAX_BODY_BYTES: bytes({ min: 1_000, max: 200_000_000 }).default(20_000_000),
} as const

/** Settings of whoever takes imports in and hands their rows out. */
export const importSettings = {
  /** Rows of all imports under way at once: in the queue, or at a worker. */
  SEMBLANCE_IMPORT_ROWS: integer({ min: 1, max: 10_000 }).default(128),
  /** Bytes of pictures that one import may have waiting; what comes beyond is answered with 503. */
  SEMBLANCE_IMPORT_STAGED_BYTES: bytes({ min: 1_000_000 }).default(2_000_000_000),
} as const

/** Settings of whoever runs the networks. */
export const engineSettings = {
  SEMBLANCE_MODELS: text().default('./models/.cache'),
  /** CPUs that this process may use, container limits included. */
  SEMBLANCE_THREADS: integer({ min: 1, max: 512 }).default(availableParallelism()),
  SEMBLANCE_MAX_PIXELS: integer({ min: 10_000, max: 500_000_000 }).default(50_000_000),
  /** Memory for all pictures together that are large to decode; the default takes a HEIC of 24 megapixels. */
  SEMBLANCE_DECODING_BYTES: bytes({ min: 100_000_000 }).default(800_000_000),
  SEMBLANCE_MAX_FACES: integer({ min: 1, max: 1_000 }).default(64),
  /** Folder of an installed libheif-js, whose licence (LGPL) is why it does not come with us. */
  SEMBLANCE_HEIC_DECODER: text().optional(),
  SEMBLANCE_EXECUTION_PROVIDERS: list(oneOf(['cuda', 'cpu'])).default(['cpu']),
} as const

/** Settings of whoever fetches the pictures behind links. */
export const linkSettings = {
  SEMBLANCE_LINK_HOSTS: list().default([]),
  SEMBLANCE_LINK_ROOTS: list(absoluteFolder()).default([]),
  /** Credentials are found as the AWS SDK finds them. */
  SEMBLANCE_LINK_S3_BUCKETS: list(bucketName()).default([]),
  SEMBLANCE_LINK_S3_ENDPOINT: url().optional(),
  SEMBLANCE_LINK_S3_REGION: text().default('us-east-1'),
  /** Credentials are found as Google's libraries find them. */
  SEMBLANCE_LINK_GS_BUCKETS: list(bucketName()).default([]),
  SEMBLANCE_LINK_GS_ENDPOINT: url().optional(),
} as const

/** Settings of whoever opens a gallery's stores. */
export const keepingSettings = {
  /** Pictures (or vectors) at hand that may be without a record; see `requireRecords`. */
  SEMBLANCE_ACCEPT_MISSING_RECORDS: integer({ min: 0 }).default(0),
  /** A picture without a record is kept aside for so long. */
  SEMBLANCE_SET_ASIDE_DAYS: integer({ min: 1, max: 3_650 }).default(30),
} as const

/** Where standalone keeps everything. */
export const dataSettings = {
  SEMBLANCE_DATA: text().default('./data'),
  /** Enrollment leaves so much free, so that deleting has always room. */
  SEMBLANCE_DISK_RESERVE: bytes().default(64_000_000),
} as const

export const packSettings = {
  /** Holds `<pack>/pack.json`. The default is the folder of the program itself, from `src` as from `dist`. */
  SEMBLANCE_PACKS: text().default(join(import.meta.dirname, '../../../models')),
  /** Of new galleries: any other goes on with the pack that it has. */
  SEMBLANCE_PACK: text().default('builtin@2'),
} as const

/** Health checks, metrics and scaling figures, apart from the API so that they need not be reachable from outside. */
export const opsSettings = {
  SEMBLANCE_OPS_HOST: host().default('127.0.0.1'),
  SEMBLANCE_OPS_PORT: port().default(9090),
} as const

export const workerSettings = {
  SEMBLANCE_WORKER_LANES: list(oneOf(['search', 'enroll', 'bulk'])).default(['search', 'enroll', 'bulk']),
  /** The share of searches that are repeated exactly, to tell what the index loses. */
  SEMBLANCE_RECALL_SHARE: decimal({ min: 0, max: 1 }).default(0),
} as const

/** The servers of a cluster, and how they are used. */
export const clusterSettings = {
  ...keepingSettings,
  /** Database in MongoDB, and prefix of keys in Redis and of collections in Qdrant: several installations may share servers. */
  SEMBLANCE_NAME: installationName().default('semblance'),
  SEMBLANCE_REDIS_URL: secretUrl(['redis', 'rediss']),
  SEMBLANCE_MONGO_URL: secretUrl(['mongodb', 'mongodb+srv']),
  SEMBLANCE_QDRANT_URL: list(url()),
  SEMBLANCE_QDRANT_API_KEY: secretText().optional(),
  /** The number is fixed when a collection is made; 12 divides over 1, 2, 3, 4, 6 and 12 nodes. */
  SEMBLANCE_QDRANT_SHARDS: integer({ min: 1, max: 1_000 }).default(12),
  SEMBLANCE_QDRANT_REPLICAS: integer({ min: 1, max: 10 }).default(2),
  /** Replicas that must have a write before it counts; more than are alive, and writes are refused. */
  SEMBLANCE_QDRANT_WRITE_CONSISTENCY: integer({ min: 1, max: 10 }).default(1),
  SEMBLANCE_QDRANT_QUANTIZATION: oneOf(['none', 'int8']).default('none'),
  SEMBLANCE_PICTURES: oneOf(['mongo', 's3']).default('mongo'),
  /** Credentials are found as the AWS SDK finds them: environment, files, the machine's own role. */
  SEMBLANCE_S3_BUCKET: text().optional(),
  SEMBLANCE_S3_ENDPOINT: url().optional(),
  SEMBLANCE_S3_REGION: text().default('us-east-1'),
  SEMBLANCE_S3_PREFIX: text().default('pictures/'),
  SEMBLANCE_S3_ENCRYPTION: oneOf(['AES256', 'aws:kms']).optional(),
  /** Bytes in Redis of pictures that wait for a worker, of all gateways together. */
  SEMBLANCE_IN_FLIGHT_BYTES: bytes({ min: 1_000_000 }).default(256_000_000),
} as const

/** Variables of all processes of a cluster, which may be given one environment for all. */
export const clusterVariables: readonly string[] = Object.keys({
  ...logSettings,
  ...stopSettings,
  ...gatewayStopSettings,
  ...apiSettings,
  ...importSettings,
  ...pictureSettings,
  ...engineSettings,
  ...linkSettings,
  ...packSettings,
  ...opsSettings,
  ...clusterSettings,
  ...workerSettings,
}).flatMap((name) => [name, `${name}_FILE`])
