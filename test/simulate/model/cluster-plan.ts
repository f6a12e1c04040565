import type { Lane } from '@semblance/core'
import type { AutoscalerPlan } from './autoscaler.ts'
import type { GatewayDemands } from './gateway.ts'
import type { IndexPlan } from './vector-index.ts'
import type { WorkerDemands } from './worker.ts'

/** What work costs: measured, see `measured.json`. */
export interface Demands {
  readonly gateway: GatewayDemands
  readonly worker: WorkerDemands
  /** One look into MongoDB for the persons found. */
  readonly store: StoreDemands
}

export interface StoreDemands {
  /** Time of a core, ms. */
  readonly cpuMs: number
  /** Time that nobody works in, ms. */
  readonly delayMs: number
  /** Things that it does at once. */
  readonly parallelism: number
}

/** A cluster and what comes to it. */
export interface ClusterPlan {
  readonly gateways: { readonly count: number; readonly cores: number }
  readonly workers: { readonly count: number; readonly cores: number; readonly threads: number }
  readonly index: IndexPlan
  readonly demands: Demands
  /** How many times longer the inference threads take at that time than `demands` says. */
  readonly slownessAt: (ms: number) => number
  readonly deadlineMs: number
  readonly queueLimit: number
  readonly autoscaler: AutoscalerPlan | null
  readonly load: readonly LaneLoadPlan[]
  /** Searches that come besides at these times, ms since the beginning: those of a run that is repeated. */
  readonly arrivals: readonly number[]
}

export interface LaneLoadPlan {
  readonly lane: Lane
  /** Requests a second at that time, ms since the beginning. They know nothing of each other. */
  readonly rateAt: (ms: number) => number
  /** No rate is above this. */
  readonly mostRate: number
}
