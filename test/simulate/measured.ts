/** Time of a core that one search takes in each part, ms. */
export interface SearchCpu {
  readonly gateway: number
  readonly redis: number
  readonly store: number
  readonly index: number
  /** In the inference threads of the worker. */
  readonly inference: number
  /** In its other threads. */
  readonly workerRest: number
}

/** What a search took of the stages of a worker, without waiting for a thread, on average, ms. By the worker's metrics. */
export interface StageTimes {
  readonly decodeMs: number
  /** In an inference thread: all its tasks together. */
  readonly inferenceMs: number
  readonly indexMs: number
}

/** What one search costs and takes while few callers ask. */
export interface Calibration {
  /** Four callers for each worker, each of whom asks again as soon as it is answered: no thread is ever idle. */
  readonly cpu: SearchCpu
  readonly mostPerSecond: number
  readonly busyStages: StageTimes
  /** One caller. */
  readonly oneCallerP50Ms: number
  readonly oneCallerP95Ms: number
  readonly oneCallerStages: StageTimes
}

/** A run of a real cluster on one machine under searches that come at random. */
export interface CheckedRun {
  readonly workers: number
  /** Inference threads of each worker. */
  readonly threads: number
  /** Searches a second, on average. */
  readonly rate: number
  readonly seconds: number
  /** When each search was sent, ms since the beginning. */
  readonly arrivals: readonly number[]
  /** Before and after the run. */
  readonly calibrations: readonly Calibration[]
  /** During the run, by when each part of it began: on a machine that others use, they change. */
  readonly stages: readonly (StageTimes & { readonly at: number })[]
  readonly seen: {
    readonly answeredPerSecond: number
    readonly refused: number
    readonly p50Ms: number
    readonly p95Ms: number
  }
}

/** Time of a core that a job takes on its way to a worker and back when there are many, ms. */
export interface JobCpu {
  readonly gateway: number
  readonly redis: number
  readonly perSecond: number
}

export interface MeasuredServing {
  readonly job: JobCpu
  readonly runs: readonly CheckedRun[]
}

/** A Qdrant of one node with a gallery of made-up faces, by the product's own adapter. */
export interface MeasuredIndex {
  readonly rows: number
  readonly shards: number
  readonly quantization: 'none' | 'int8'
  /** Null for a gallery that was there already. */
  readonly load: Work | null
  /** Of the graphs, after the load. Null if it was broken off: searches then look at every face. */
  readonly build: Work | null
  readonly segments: number
  /** Memory of Qdrant afterwards. */
  readonly residentBytes: number
  readonly searches: readonly MeasuredSearches[]
}

export interface Work {
  readonly seconds: number
  /** Time of cores that Qdrant took. */
  readonly cpuSeconds: number
}

export interface MeasuredSearches {
  /** Of the persons, those in the group that is searched; 1 without a filter. */
  readonly share: number
  readonly medianMs: number
  readonly p95Ms: number
  /** Time of cores that Qdrant took for each. */
  readonly cpuMs: number
  /** Against looking at every face. */
  readonly recallAt10: number
}
