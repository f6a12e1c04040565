import { LANES, type Lane, Places, ServiceTimes, slowdownAtFullLoad } from '@semblance/core'
import { jobConcurrency } from '@semblance/jobs'
import { LaneOrder } from '@semblance/queue-bullmq'
import type { Random } from '../engine/random.ts'
import type { Simulation } from '../engine/simulation.ts'
import type { Host } from './host.ts'
import type { Job } from './job.ts'
import type { LaneQueue, Taker } from './lane-queue.ts'
import { Threads } from './threads.ts'

/** Time of a core that a job of each kind takes in a worker, ms. */
export interface WorkerDemands {
  /** In the inference threads. */
  readonly inferenceMs: Readonly<Record<Lane, number>>
  /** In the main thread and in those that decode. */
  readonly otherMs: number
  /** The standard deviation between pictures, as a share of the mean. */
  readonly spread: number
}

export interface WorkerDeps {
  readonly simulation: Simulation
  readonly random: Random
  readonly host: Host
  readonly threads: number
  readonly queue: LaneQueue
  readonly demands: WorkerDemands
  /** How many times longer the inference threads take at that time. */
  readonly slownessAt: (ms: number) => number
  /** Asks the index and the store, and calls `found`. */
  readonly look: (found: () => void) => void
}

/** A worker process: the product's own places and order of lanes, over threads that share a host. */
export class Worker implements Taker {
  readonly #deps: WorkerDeps
  readonly #places: Places<Job>
  readonly #order: LaneOrder
  readonly #inference: Threads
  readonly #times = new ServiceTimes()
  readonly #concurrency: ReturnType<typeof jobConcurrency>
  #isStopping = false

  constructor(deps: WorkerDeps) {
    const { clock } = deps.simulation
    this.#deps = deps
    this.#concurrency = jobConcurrency(deps.threads)
    this.#places = new Places({ ...this.#concurrency, urgent: 'search', clock })
    this.#order = new LaneOrder(LANES, clock)
    this.#inference = new Threads(deps.simulation, { host: deps.host, count: deps.threads })
  }

  get concurrency(): number {
    return this.#isStopping ? 0 : this.#concurrency.concurrency
  }

  active(lane: Lane): number {
    return this.#places.countOf(lane)
  }

  /** With every place taken. 0 until a job of the lane has run. */
  serviceMs(lane: Lane): number {
    return this.#times.meanMs(lane)
  }

  /** Finishes what it has, and takes no more. */
  stop(): void {
    this.#isStopping = true
    this.#deps.queue.forget(this)
  }

  takeJobs(): void {
    if (this.#isStopping) return
    for (let job = this.#next(); job !== undefined; job = this.#next()) this.#run(job)
    if (this.#places.freeForUrgent > 0) this.#deps.queue.waitForJob(this)
    else this.#deps.queue.forget(this)
  }

  #next(): Job | undefined {
    for (const lane of this.#order.lanes()) {
      if (this.#places.freeFor(lane) === 0) continue
      const job = this.#deps.queue.take(lane)
      if (job !== undefined) {
        this.#order.took(lane, this.#deps.simulation.now - job.queuedAt)
        return job
      }
      this.#order.foundEmpty(lane)
    }
    return undefined
  }

  #run(job: Job): void {
    const { simulation, host, random, demands, slownessAt, look } = this.#deps
    const began = simulation.now
    const cpuOf = (meanMs: number) => random.lognormal(meanMs, demands.spread)
    this.#places.take(job)
    host.work(cpuOf(demands.otherMs), () => {
      const cpuMs = cpuOf(demands.inferenceMs[job.lane]) * slownessAt(simulation.now)
      this.#inference.run({ lane: job.lane, cpuMs, done: () => look(() => this.#end(job, began)) })
    })
  }

  #end(job: Job, began: number): void {
    const slowdown = slowdownAtFullLoad({ ...this.#concurrency, taken: this.#places.taken })
    this.#times.note(job.lane, (this.#deps.simulation.now - began) * slowdown)
    this.#places.leave(job)
    job.ended()
    this.takeJobs()
  }
}
