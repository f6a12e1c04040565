import { endsTooLate, LANES, type Lane, retryAfterSeconds } from '@semblance/core'
import { estimateWaitMs, freePlaces, type ScalingReport } from '@semblance/queue-bullmq'
import type { Simulation } from '../engine/simulation.ts'
import type { Host } from './host.ts'
import type { LaneQueue } from './lane-queue.ts'
import { Threads } from './threads.ts'

export interface GatewayDemands {
  /** Time of a core of a gateway's main thread, from the request to its job, ms. */
  readonly takeMs: number
  /** The same from the result to the answer. */
  readonly answerMs: number
  /** Time that Redis takes for one job, all commands together, ms. It does one thing at a time. */
  readonly redisMs: number
  /** Time on the way through all connections that nobody works in, ms. */
  readonly networkMs: number
}

export interface GatewayDeps {
  readonly simulation: Simulation
  readonly host: Host
  readonly redis: Threads
  readonly queue: LaneQueue
  readonly report: () => ScalingReport
  readonly demands: GatewayDemands
  readonly deadlineMs: number
  readonly queueLimit: number
}

export type Outcome =
  | { readonly outcome: 'answered'; readonly ms: number }
  | { readonly outcome: 'refused'; readonly retryAfterS: number }
  | { readonly outcome: 'too-late' }

/** A gateway process: one main thread, and the product's own rule of who is let in. */
export class Gateway {
  readonly #deps: GatewayDeps
  readonly #main: Threads

  constructor(deps: GatewayDeps) {
    this.#deps = deps
    this.#main = new Threads(deps.simulation, { host: deps.host, count: 1 })
  }

  ask(lane: Lane, told: (outcome: Outcome) => void): void {
    const { simulation, demands, redis } = this.#deps
    const askedAt = simulation.now
    const half = (then: () => void) => redis.run({ lane: 'search', cpuMs: demands.redisMs / 2, done: then })
    const answer = () =>
      this.#work(demands.answerMs, () => {
        const ms = simulation.now - askedAt
        told(ms > this.#deps.deadlineMs ? { outcome: 'too-late' } : { outcome: 'answered', ms })
      })
    simulation.after(demands.networkMs, () => {
      this.#work(demands.takeMs, () => {
        const waitMs = this.#refusal(lane)
        if (waitMs !== null) return told({ outcome: 'refused', retryAfterS: retryAfterSeconds(waitMs) })
        const ended = () => half(answer)
        half(() => this.#deps.queue.add({ lane, askedAt, queuedAt: simulation.now, asideMs: 0, ended }))
      })
    })
  }

  #work(cpuMs: number, done: () => void): void {
    this.#main.run({ lane: 'search', cpuMs, done })
  }

  /** The wait for which the job is refused. Null lets it in. As `lane-admission.ts` judges. */
  #refusal(lane: Lane): number | null {
    const report = this.#deps.report()
    const waitMs = estimateWaitMs(report, lane) ?? 0
    const { waiting, fullLoadServiceMs: serviceMs } = report[lane]
    const { queueLimit, deadlineMs } = this.#deps
    const isFull = waiting - freePlaces(report, lane) >= queueLimit
    return isFull || endsTooLate({ waitMs, serviceMs, deadlineMs }) ? waitMs : null
  }
}

/** What a report says of a lane, beyond what the estimate needs. */
const UNUSED = {
  preparing: 0,
  unprepared: 0,
  completedPerSecond: 0,
  meanServiceMs: 0,
  unservedMs: 0,
  unservedJobs: 0,
  setAside: 0,
}

export interface WorkerFigures {
  readonly concurrency: number
  active(lane: Lane): number
  serviceMs(lane: Lane): number
}

/** What a gateway reads from Redis of its lanes and workers. */
export function reportOf(
  now: number,
  { queue, workers }: { readonly queue: LaneQueue; readonly workers: readonly WorkerFigures[] },
): ScalingReport {
  const measured = LANES.map((lane) => {
    const timed = workers.map((worker) => worker.serviceMs(lane)).filter((ms) => ms > 0)
    const since = queue.oldestSince(lane)
    return [
      lane,
      {
        ...UNUSED,
        waiting: queue.waiting(lane),
        active: workers.reduce((sum, worker) => sum + worker.active(lane), 0),
        oldestWaitingMs: since === null ? 0 : now - since,
        workers: workers.length,
        concurrency: workers.reduce((sum, worker) => sum + worker.concurrency, 0),
        fullLoadServiceMs: timed.reduce((sum, ms) => sum + ms, 0) / Math.max(1, timed.length),
        estimatedWaitMs: null,
      },
    ] as const
  })
  const lanes = Object.fromEntries(measured) as ScalingReport
  const withWait = measured.map(([lane, state]) => [
    lane,
    { ...state, estimatedWaitMs: estimateWaitMs(lanes, lane) },
  ])
  return Object.fromEntries(withWait) as ScalingReport
}
