import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { type ApiMetrics, createApiMetrics } from './api-metrics.ts'
import { createDecodingMetrics, type DecodingMetrics } from './decoding-metrics.ts'
import type { Dependencies } from './dependencies.ts'
import { dependencyGauge } from './dependency-gauge.ts'
import { type GallerySize, galleryGauges } from './gallery-gauges.ts'
import { type ImportsStanding, importGauges } from './import-gauges.ts'
import { createImportMetrics, type ImportMetrics } from './import-metrics.ts'
import { createKeepingMetrics, type KeepingMetrics } from './keeping-metrics.ts'
import { type OperationsStanding, operationGauges } from './operation-gauges.ts'
import { createOperationMetrics, type OperationMetrics } from './operation-metrics.ts'
import { PolledSource, type Source } from './polled-source.ts'
import { createRecallMetrics, type RecallMetrics } from './recall-metrics.ts'
import { type RecentEvents, rememberingRecent } from './recent-events.ts'

export interface MetricsOptions {
  /** A fresh one by default; the global one of prom-client is never touched. */
  readonly registry?: Registry
  /** CPU, memory, garbage collection and event loop lag of this process, under prom-client's own names. On by default. */
  readonly processMetrics?: boolean
  /** How long a scrape waits for queue, index or store to tell their numbers; 2000 by default. */
  readonly sourceTimeoutMs?: number
}

export interface ObservedRequest {
  readonly method: string
  /** The template (`/api/persons/:personId`), never the path: an id in a label makes a series for each person. */
  readonly route: string
  readonly status: number
  readonly seconds: number
}

export interface ObservedJob {
  readonly name: string
  /** `done`, or an error code; few and fixed. */
  readonly outcome: string
  readonly waitSeconds: number
  readonly runSeconds: number
}

export interface QueueLoad {
  readonly waiting: number
  readonly active: number
  /** Jobs that wait for strangers, as for the picture behind a link. */
  readonly preparing: number
  readonly oldestWaitingMs: number
}

/** What an autoscaler goes by, beside the load. */
export interface QueueScaling {
  readonly workers: number
  readonly completedPerSecond: number
  /** Null: nobody can tell, since no worker serves the lane. */
  readonly estimatedWaitMs: number | null
  /** Jobs that wait for a worker or were refused for want of one, while none serves the lane. */
  readonly unservedJobs: number
  /** Jobs that failed for good and are kept for a look. */
  readonly setAside: number
}

export interface Backlog {
  readonly count: number
  /** Age of the oldest; 0 if there is none. */
  readonly oldestMs: number
}

/** None of these throws. One object, which is handed as it is to whoever counts or shows something of its own. */
export interface Metrics
  extends ApiMetrics,
    DecodingMetrics,
    ImportMetrics,
    KeepingMetrics,
    OperationMetrics,
    RecallMetrics,
    RecentEvents {
  observeRequest(request: ObservedRequest): void
  observeStage(stage: string, seconds: number): void
  observeJob(job: ObservedJob): void
  observeImageLink(outcome: string): void
  /** An exception that nobody expected; `where`: request, job, thread, engine or process. */
  countUnexpected(where: string): void
  countFaces(found: number): void
  /** The source answers by lane. What fails is told as NaN, for each of `lanes` from the beginning. */
  setQueueLoad(source: Source<Readonly<Record<string, QueueLoad>>>, lanes?: readonly string[]): void
  /** The source answers by lane. It is set where workers are processes of their own. */
  setQueueScaling(source: Source<Readonly<Record<string, QueueScaling>>>, lanes?: readonly string[]): void
  /** Descriptors that can be found. */
  setIndexSize(source: Source<number>): void
  /** Bytes that may still be written to the disk of the data folder. */
  setDiskFree(source: Source<number>): void
  /** The source answers by the kind of work that the reconciler still has to do. */
  setReconcilerBacklog(source: Source<Readonly<Record<string, Backlog>>>, kinds?: readonly string[]): void
  /** How much is enrolled. */
  setGallerySize(source: Source<GallerySize>): void
  /** What of imports has not ended; the source answers null in a process that is not the one to tell it. */
  setImports(source: Source<ImportsStanding | null>): void
  /** The source answers by kind what of operations has not ended; null in a process that is not the one to tell it. */
  setOperations(source: Source<Readonly<Record<string, OperationsStanding>> | null>): void
  /** The version of this program, and the id of the model pack in use. */
  setBuildInfo(build: { readonly version: string; readonly pack: string }): void
  /** What the process cannot serve without. */
  setDependencies(dependencies: Dependencies): void
  render(): Promise<{ readonly contentType: string; readonly body: string }>
}

/** Every metric of this product. Names and labels are listed in the README, and dashboards build on them. */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  return rememberingRecent(registeredMetrics(options))
}

function registeredMetrics(options: MetricsOptions): Omit<Metrics, keyof RecentEvents> {
  const { registry = new Registry(), processMetrics = true, sourceTimeoutMs = 2_000 } = options
  if (processMetrics) collectDefaultMetrics({ register: registry })
  const counted = eventMetrics([registry])
  const polled = stateMetrics([registry], sourceTimeoutMs)
  return {
    observeRequest: ({ method, route, status, seconds }) => {
      const labels = { method: knownMethod(method), route, status: knownStatus(status) }
      counted.requests.inc(labels)
      observe(counted.requestSeconds.labels(labels), seconds)
    },
    observeStage: (stage, seconds) => observe(counted.stageSeconds.labels(stage), seconds),
    observeJob: ({ name, outcome, waitSeconds, runSeconds }) => {
      counted.jobs.inc({ name, outcome })
      observe(counted.jobWaitSeconds.labels(name), waitSeconds)
      observe(counted.jobRunSeconds.labels(name), runSeconds)
    },
    observeImageLink: (outcome) => counted.imageLinks.inc({ outcome }),
    countUnexpected: (where) => counted.unexpected.inc({ where }),
    countFaces: (found) => counted.faces.inc(Number.isFinite(found) ? Math.max(0, found) : 0),
    setQueueLoad: (source, lanes) => polled.queue.set(source, lanes),
    setQueueScaling: (source, lanes) => polled.scaling.set(source, lanes),
    setIndexSize: (source) => polled.index.set(source),
    setReconcilerBacklog: (source, kinds) => polled.reconciler.set(source, kinds),
    setDiskFree: (source) => polled.disk.set(source),
    ...createKeepingMetrics(registry),
    ...createImportMetrics(registry),
    ...createOperationMetrics(registry),
    ...createApiMetrics(registry),
    ...createDecodingMetrics(registry),
    ...createRecallMetrics(registry),
    setImports: (source) => polled.imports.set(source),
    setOperations: (source) => polled.operations.set(source),
    setGallerySize: (source) => polled.gallery.set(source),
    setBuildInfo: (build) => {
      polled.build.reset()
      polled.build.set({ ...build }, 1)
    },
    setDependencies: (dependencies) => polled.dependencies.set(dependencies),
    render: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  }
}

/** The bounds reach from a cached search (milliseconds) to the longest enrollment deadline (30 s). */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

type Registers = Registry[]

/** What happens, counted and timed as it happens. */
function eventMetrics(registers: Registers) {
  const counter = <const L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name: `semblance_${name}`, help, labelNames, registers })
  const timer = <const L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Histogram({ name: `semblance_${name}`, help, labelNames, registers, buckets: SECONDS })
  const perRoute = ['method', 'route', 'status'] as const
  const unexpected = counter('unexpected_errors_total', 'Exceptions that nobody expected.', ['where'])
  // A series that begins with its first exception would show Prometheus no increase, and no alert would tell of it.
  for (const where of ['request', 'job', 'thread', 'engine', 'process']) unexpected.inc({ where }, 0)
  return {
    unexpected,
    requests: counter('requests_total', 'HTTP requests answered.', perRoute),
    requestSeconds: timer('request_seconds', 'Time from request to answer.', perRoute),
    stageSeconds: timer('stage_seconds', 'Time of one stage of a job.', ['stage']),
    jobs: counter('jobs_total', 'Jobs ended.', ['name', 'outcome']),
    jobWaitSeconds: timer('job_wait_seconds', 'Time that a job waited to begin.', ['name']),
    jobRunSeconds: timer('job_run_seconds', 'Time that a job ran.', ['name']),
    faces: counter('faces_total', 'Faces found in pictures.', []),
    imageLinks: counter('image_links_total', 'Links to pictures, by how fetching them ended.', ['outcome']),
  }
}

/** How things stand, asked for at each scrape. */
function stateMetrics(registers: Registers, timeoutMs: number) {
  const failures = new Counter({
    name: 'semblance_scrape_failures_total',
    help: 'Sources of gauges that failed or were late.',
    labelNames: ['source'],
    registers,
  })
  const reporting = { registers, timeoutMs, onFailure: (source: string) => failures.inc({ source }) }
  return {
    queue: gaugesByLabel(reporting, QUEUE_GAUGES),
    scaling: gaugesByLabel(reporting, SCALING_GAUGES),
    index: numberGauge(reporting, INDEX_SIZE),
    disk: numberGauge(reporting, DISK_FREE),
    reconciler: gaugesByLabel(reporting, RECONCILER_GAUGES),
    dependencies: dependencyGauge(registers),
    gallery: galleryGauges(registers, reporting),
    imports: importGauges(registers, reporting),
    operations: operationGauges(registers, reporting),
    build: new Gauge({
      name: 'semblance_build_info',
      help: 'Always 1; its labels tell what runs.',
      labelNames: ['version', 'pack'],
      registers,
    }),
  }
}

interface GaugeTable<T> {
  readonly source: string
  readonly label: string
  readonly gauges: readonly {
    readonly name: string
    readonly help: string
    readonly read: (value: T) => number
  }[]
}

const QUEUE_GAUGES: GaugeTable<QueueLoad> = {
  source: 'queue',
  label: 'lane',
  gauges: [
    { name: 'queue_waiting_jobs', help: 'Jobs that wait to begin.', read: ({ waiting }) => waiting },
    { name: 'queue_active_jobs', help: 'Jobs that run.', read: ({ active }) => active },
    {
      name: 'queue_preparing_jobs',
      help: 'Jobs that wait for strangers, such as the host of a link.',
      read: ({ preparing }) => preparing,
    },
    {
      name: 'queue_oldest_waiting_seconds',
      help: 'Age of the job that has waited longest.',
      read: ({ oldestWaitingMs }) => oldestWaitingMs / 1_000,
    },
  ],
}

const SCALING_GAUGES: GaugeTable<QueueScaling> = {
  source: 'scaling',
  label: 'lane',
  gauges: [
    { name: 'queue_workers', help: 'Live workers that serve the lane.', read: ({ workers }) => workers },
    {
      name: 'queue_completed_per_second',
      help: 'Jobs that all workers complete in a second.',
      read: ({ completedPerSecond }) => completedPerSecond,
    },
    {
      name: 'queue_estimated_wait_seconds',
      help: 'Until a job that comes now would start; +Inf while no worker serves the lane.',
      read: ({ estimatedWaitMs }) =>
        estimatedWaitMs === null ? Number.POSITIVE_INFINITY : estimatedWaitMs / 1_000,
    },
    {
      name: 'queue_unserved_jobs',
      help: 'Jobs that wait for a worker or were refused for want of one, while none serves the lane.',
      read: ({ unservedJobs }) => unservedJobs,
    },
    {
      name: 'queue_set_aside_jobs',
      help: 'Jobs that failed for good and are kept for a look.',
      read: ({ setAside }) => setAside,
    },
  ],
}

const RECONCILER_GAUGES: GaugeTable<Backlog> = {
  source: 'reconciler',
  label: 'kind',
  gauges: [
    { name: 'reconciler_backlog_records', help: 'Records left to put right.', read: ({ count }) => count },
    {
      name: 'reconciler_oldest_seconds',
      help: 'Age of the oldest record left to put right.',
      read: ({ oldestMs }) => oldestMs / 1_000,
    },
  ],
}

interface Reporting {
  readonly registers: Registers
  readonly timeoutMs: number
  readonly onFailure: (source: string) => void
}

/** One source that tells several numbers for each value of a label. */
function gaugesByLabel<T>(reporting: Reporting, { source, label, gauges }: GaugeTable<T>) {
  const { registers, timeoutMs, onFailure } = reporting
  const collect = () => polled.collect()
  const made = gauges.map(({ name, help, read }) => ({
    read,
    gauge: new Gauge({ name: `semblance_${name}`, help, labelNames: [label], registers, collect }),
  }))
  let known: readonly string[] = []
  const show = (values: Readonly<Record<string, T>>) => {
    known = Object.keys(values)
    for (const { gauge } of made) gauge.reset()
    for (const [key, value] of Object.entries(values)) {
      for (const { gauge, read } of made) gauge.set({ [label]: key }, read(value))
    }
  }
  const blind = () => {
    for (const key of known) for (const { gauge } of made) gauge.set({ [label]: key }, Number.NaN)
  }
  const polled = new PolledSource({ timeoutMs, show, onFailure: failing(source, blind, onFailure) })
  return {
    /** `labels`: of the values that there will be, for a source that fails from the beginning. */
    set: (from: Source<Readonly<Record<string, T>>>, labels: readonly string[] = []) => {
      known = labels
      polled.set(from)
    },
  }
}

const INDEX_SIZE = { source: 'index', name: 'index_descriptors', help: 'Descriptors that can be found.' }
const DISK_FREE = {
  source: 'disk',
  name: 'disk_free_bytes',
  help: 'Bytes that may still be written to the disk of the data folder, beside its reserve.',
}

function numberGauge(
  { registers, timeoutMs, onFailure }: Reporting,
  { source, name, help }: typeof DISK_FREE,
) {
  const collect = () => polled.collect()
  const size = new Gauge({ name: `semblance_${name}`, help, registers, collect })
  // A gauge without labels begins at 0, which would read as an empty index or a full disk.
  size.remove()
  const show = (value: number) => size.set(value)
  const blind = () => size.set(Number.NaN)
  const polled = new PolledSource({ timeoutMs, show, onFailure: failing(source, blind, onFailure) })
  return polled
}

/** Nothing is known now: a gauge that vanished, or kept its last value, would look like a quiet system. */
function failing(name: string, blind: () => void, onFailure: (source: string) => void): () => void {
  return () => {
    blind()
    onFailure(name)
  }
}

/** Two machines' clocks may put an end before its beginning; a time that is no number at all is not worth a crash. */
function observe(histogram: { observe(value: number): void }, seconds: number): void {
  if (Number.isFinite(seconds)) histogram.observe(Math.max(0, seconds))
}

const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** Strangers may invent methods, and each label value is a series for ever. */
function knownMethod(method: string): string {
  return METHODS.includes(method) ? method : 'other'
}

function knownStatus(status: number): string {
  return Number.isInteger(status) && status >= 100 && status < 600 ? String(status) : 'other'
}
