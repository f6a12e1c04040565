import type { Calibration, CheckedRun, SearchCpu } from './measured.ts'
import type { ClusterPlan, Demands } from './model/cluster-plan.ts'

/** An enrollment describes the face from more views: twice the time of a search (docs/performance.md). */
const ENROLL_FACTOR = 2
/** Of what a gateway does for a search, what comes before its job: the picture is read and put in flight. */
const TAKE_SHARE = 0.7
/** As the server has it by default. */
const DEADLINE_MS = 10_000
const QUEUE_LIMIT = 256
/** More cores than any run has busy: what it waited for cores is in its measured times already. */
const ENOUGH_CORES = 64
/** Of the normal distribution: 95 of 100 lie below so many standard deviations. */
const P95_DEVIATIONS = 1.645

export interface DemandOptions {
  readonly spread: number
  readonly networkMs: number
  readonly store: Demands['store']
}

/** From the time of cores that each part took for a search. */
export function demandsOf(cpu: SearchCpu, { spread, networkMs, store }: DemandOptions): Demands {
  const { inference } = cpu
  const others = inference * ENROLL_FACTOR
  return {
    gateway: {
      takeMs: cpu.gateway * TAKE_SHARE,
      answerMs: cpu.gateway * (1 - TAKE_SHARE),
      redisMs: cpu.redis,
      networkMs,
    },
    worker: {
      inferenceMs: { search: inference, enroll: others, bulk: others },
      otherMs: cpu.workerRest,
      spread,
    },
    store,
  }
}

/** The mean of each number. */
export function meanCpu(calibrations: readonly Calibration[]): SearchCpu {
  const mean = (part: keyof SearchCpu) => meanOf(calibrations.map(({ cpu }) => cpu[part]))
  return {
    gateway: mean('gateway'),
    redis: mean('redis'),
    store: mean('store'),
    index: mean('index'),
    inference: mean('inference'),
    workerRest: mean('workerRest'),
  }
}

/** How far searches of one caller are apart: the standard deviation as a share of the mean. */
export function spreadOf(calibrations: readonly Calibration[]): number {
  return meanOf(
    calibrations.map(
      ({ oneCallerP50Ms, oneCallerP95Ms }) => Math.log(oneCallerP95Ms / oneCallerP50Ms) / P95_DEVIATIONS,
    ),
  )
}

/**
 * The cluster of a run. Its stages take the times that they took then, whatever they shared the machine with. The rest
 * (gateway, Redis, store, connections) takes what one caller waited for it.
 */
export function planOfRun(run: CheckedRun, all: readonly CheckedRun[]): ClusterPlan {
  const decodeMs = meanOf(run.stages.map((part) => part.decodeMs))
  const indexMs = meanOf(run.stages.map((part) => part.indexMs))
  const mean = meanOf(run.stages.map((part) => part.inferenceMs))
  const inferenceMs = mean * gapFactor(all)
  const restMs = meanOf(
    run.calibrations.map(
      ({ oneCallerP50Ms, oneCallerStages: { decodeMs: decode, inferenceMs: inference, indexMs: index } }) =>
        Math.max(0, oneCallerP50Ms - decode - inference - index),
    ),
  )
  const slownessAt = (ms: number) => (run.stages.findLast(({ at }) => at <= ms)?.inferenceMs ?? mean) / mean
  return {
    gateways: { count: 1, cores: ENOUGH_CORES },
    workers: { count: run.workers, cores: ENOUGH_CORES, threads: run.threads },
    index: {
      nodes: 1,
      coresPerNode: ENOUGH_CORES,
      shards: 1,
      replicas: 1,
      shardMs: indexMs,
      questionMs: 0,
      spread: 0.5,
    },
    demands: {
      gateway: { takeMs: 0, answerMs: 0, redisMs: 0, networkMs: restMs },
      worker: {
        inferenceMs: {
          search: inferenceMs,
          enroll: ENROLL_FACTOR * inferenceMs,
          bulk: ENROLL_FACTOR * inferenceMs,
        },
        otherMs: decodeMs,
        spread: spreadOf(run.calibrations),
      },
      store: { cpuMs: 0, delayMs: 0, parallelism: 1 },
    },
    slownessAt,
    deadlineMs: DEADLINE_MS,
    queueLimit: QUEUE_LIMIT,
    autoscaler: null,
    load: [],
    arrivals: run.arrivals,
  }
}

/**
 * How many times longer a busy thread takes for a picture than its tasks do. Between two tasks it waits for the main
 * thread, which gives it the next one: seven times for a picture. Several workers on one machine have its cores busy
 * before their threads, so that they do not tell.
 */
function gapFactor(runs: readonly CheckedRun[]): number {
  const calibrations = runs.filter(({ workers }) => workers === 1).flatMap((run) => run.calibrations)
  const factors = calibrations.map(
    ({ mostPerSecond, busyStages }) => 1000 / mostPerSecond / busyStages.inferenceMs,
  )
  return factors.length === 0 ? 1 : Math.max(1, meanOf(factors))
}

/** What a search waited for the index beyond its work there, with one caller, ms. */
export function indexDelayOf(calibrations: readonly Calibration[]): number {
  return Math.max(
    0,
    meanOf(calibrations.map(({ oneCallerStages, cpu }) => oneCallerStages.indexMs - cpu.index)),
  )
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
