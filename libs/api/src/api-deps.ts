import type {
  AddRowsDeps,
  Clock,
  GalleryOf,
  GateLevel,
  IdempotencyStore,
  ImageStore,
  ImportStore,
  JobQueue,
  Lane,
  LaneLoad,
  NewId,
  OperationStore,
  PackDesk,
  PackId,
  PicturesInFlight,
  StrangerRates,
  Tracing,
} from '@semblance/core'

/** Everything the API needs from its composition root. Reads and plain writes run here; pictures go to the queue. */
export interface ApiDeps {
  readonly galleryOf: GalleryOf
  readonly clock: Clock
  readonly newId: NewId
  readonly queue: JobQueue
  readonly inFlight: PicturesInFlight
  readonly idempotency: IdempotencyStore
  /** What imports take; left out: there are no calls for them. */
  readonly importing?: ImportingPorts | undefined
  /** What is done to the gallery in the background; left out: there are no calls for it. */
  readonly operations?: OperationStore | undefined
  /** Moves the gallery between model packs; left out: it cannot be moved here. */
  readonly packs?: PackDesk | undefined
  readonly logger: ApiLogger
  readonly metrics: ApiMetrics
  /** Left out where nothing is traced. */
  readonly tracing?: Tracing | undefined
  /** Names of what a search could not do without and that is missing now; none: ready. A rejection counts as not ready. */
  readonly missing: () => Promise<readonly string[]>
  /** What is known of this process and its servers; left out: `/api/system` is not there. */
  readonly system?: SystemPorts | undefined
  readonly config: ApiConfig
}

/** How an installation stands, as the process that is asked knows it. */
export interface SystemPorts {
  readonly shape: 'standalone' | 'cluster'
  /** When this process began, milliseconds since the Unix epoch. */
  readonly startedAt: number
  /** What describes faces now. */
  readonly pack: () => { readonly packId: PackId; readonly dimensions: number }
  /** How often strangers come how near by that pack; null: nobody has measured it, or the pack's files are elsewhere. */
  readonly strangers: () => Promise<StrangerRates | null>
  /** The pack that a new gallery would get. */
  readonly configured: PackId
  readonly lanes: () => Promise<Readonly<Record<Lane, LaneState>>>
  readonly dependencies: () => Promise<readonly DependencyState[]>
  readonly recent: () => { readonly times: readonly RecentTime[]; readonly faults: readonly RecentFault[] }
  /** Bytes; null where the stores are elsewhere. */
  readonly diskFree: (() => Promise<number>) | null
}

export interface LaneState extends LaneLoad {
  /** Processes that serve the lane. */
  readonly workers: number
}

export interface DependencyState {
  readonly name: string
  readonly isUp: boolean
  readonly sinceMs: number
  readonly reason: string | null
}

export interface RecentTime {
  readonly kind: 'stage' | 'wait' | 'run' | 'request'
  readonly name: string
  readonly count: number
  readonly p50Ms: number
  readonly p95Ms: number
}

export interface RecentFault {
  readonly code: string
  readonly where: string
  readonly count: number
  readonly lastAt: number
}

export interface ImportingPorts {
  readonly imports: ImportStore
  /** Pictures that wait for their row. */
  readonly staged: ImageStore
  /** Bytes of pictures that one import may have waiting. */
  readonly maxStagedBytes: number
  /** Bytes of one picture that comes with its row; a row with a larger one is wrong. Left out: 20 MB. */
  readonly maxPictureBytes?: number | undefined
  /** This is told of every row that was wrong as it was sent. */
  readonly onRow?: AddRowsDeps['onRow']
  /** An import may have more to do, which is durable: whoever hands out rows need not wait for the next look. */
  readonly onWork?: (() => void) | undefined
}

/** The part of pino that the API uses. */
export interface ApiLogger {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  child(fields: object): ApiLogger
}

export interface ApiMetrics {
  observeRequest(request: ObservedRequest): void
  /** A request has come, or has ended. */
  changeInFlight?(by: 1 | -1): void
  /** A request failed by an exception that nobody expected: answered with 500, if it still could be. */
  countUnexpected?(where: 'request'): void
  /** A request was answered with an error of this type. */
  countRefusal(reason: string): void
  observeSearch(search: ObservedSearch): void
  /** The text of `GET /metrics`. */
  render(): Promise<{ readonly contentType: string; readonly body: string }>
}

export interface ObservedRequest {
  readonly method: string
  /** A template such as `/api/persons/{personId}`, or `unmatched`: never a path with ids. */
  readonly route: string
  /** 499 if the caller left before the answer. */
  readonly status: number
  readonly seconds: number
}

export interface ObservedSearch {
  readonly outcome: 'found' | 'nobody' | 'created' | 'no_face'
  /** The distance of the nearest picture that was found, 0..2; null if nobody was. */
  readonly distance: number | null
}

export interface ApiConfig {
  readonly version: string
  /** Base of `url` fields, for instance `https://faces.example.org/semblance`; null: the request's own host. */
  readonly publicUrl: string | null
  /** None: open to everyone who can connect. */
  readonly apiKeys: readonly string[]
  /** What they are called, in the same order; those beyond the last name have none. */
  readonly apiKeyNames: readonly string[]
  /** Those of them that may have descriptors go out, and come in with an import. Where no key is needed, everybody may. */
  readonly descriptorKeys: readonly string[]
  /** Origins whose pages may call from a browser, for instance `https://console.example.org`. */
  readonly corsOrigins: readonly string[]
  /** The folder of the built console, which is served at `/`; null: `/` leads to `/docs`. */
  readonly consoleFolder: string | null
  /** Names, without port, that the Host header may give beside this machine's and the public URL's. */
  readonly allowedHosts: readonly string[]
  /** Bound to this machine only: the Host header is then checked, whatever else is configured. */
  readonly isLoopback: boolean
  readonly maxBodyBytes: number
  /**
   * The limit of a form, whose pictures are not a third longer in transit as they are in JSON; `maxBodyBytes` holds
   * for it, too.
   */
  readonly maxFormBytes: number
  /**
   * The limit of all request bodies held at once, by their announced lengths; more are answered with 503 before they
   * are read.
   */
  readonly maxBodiesBytes: number
  /** Time from the headers to the last byte of the body; then 408 is answered. */
  readonly bodyTimeoutMs: number
  /** The limit of all thumbnails that this process keeps in memory, to send them again; 0: none. */
  readonly thumbnailBytes: number
  /** Distance 0..2 for searches that give none. */
  readonly defaultThreshold: number
  /** In its place, the share of strangers for whom a search may find somebody; null: the distance holds. */
  readonly targetFpir: number | null
  /** What faces must comply with to be enrolled, where the request does not say. */
  readonly enrollmentQuality: GateLevel
  /** The most pictures of one type in a match. */
  readonly matchImagesPerType: number
  readonly searchDeadlineMs: number
  readonly enrollDeadlineMs: number
}

/** The defaults of the settings in docs/operations.md, for everything that has one. */
export const API_DEFAULTS = {
  publicUrl: null,
  apiKeys: [],
  apiKeyNames: [],
  descriptorKeys: [],
  corsOrigins: [],
  consoleFolder: null,
  allowedHosts: [],
  isLoopback: true,
  maxBodyBytes: 20_000_000,
  maxFormBytes: Number.POSITIVE_INFINITY,
  maxBodiesBytes: 256_000_000,
  bodyTimeoutMs: 60_000,
  thumbnailBytes: 32_000_000,
  defaultThreshold: 1,
  targetFpir: null,
  enrollmentQuality: 'off',
  matchImagesPerType: 2,
  searchDeadlineMs: 10_000,
  enrollDeadlineMs: 30_000,
} as const satisfies Omit<ApiConfig, 'version'>
