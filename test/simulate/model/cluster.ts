import type { Lane } from '@semblance/core'
import type { ScalingReport } from '@semblance/queue-bullmq'
import { type Random, randomOf } from '../engine/random.ts'
import { Simulation } from '../engine/simulation.ts'
import { Autoscaler, type Figure } from './autoscaler.ts'
import type { ClusterPlan, LaneLoadPlan } from './cluster-plan.ts'
import { Gateway, reportOf } from './gateway.ts'
import { Host } from './host.ts'
import { LaneQueue } from './lane-queue.ts'
import { Observations } from './observations.ts'
import { Threads } from './threads.ts'
import { VectorIndex } from './vector-index.ts'
import { Worker } from './worker.ts'

/** Time of cores that each part has used so far, ms. */
export interface Busy {
  readonly gateways: number
  readonly redis: number
  readonly workers: number
  readonly index: number
}

/** A whole cluster in a simulation. The same plan and seed give the same run. */
export class Cluster {
  readonly simulation = new Simulation()
  readonly seen = new Observations()
  readonly #plan: ClusterPlan
  readonly #random: Random
  readonly #queue = new LaneQueue()
  readonly #redisHost: Host
  readonly #gateways: readonly Gateway[]
  readonly #gatewayHosts: readonly Host[]
  readonly #index: VectorIndex
  readonly #store: Threads
  /** Those that take jobs. */
  #workers: Worker[] = []
  readonly #workerHosts: Host[] = []
  #wanted = 0
  #asked = 0

  constructor(plan: ClusterPlan, seed: number) {
    this.#plan = plan
    this.#random = randomOf(seed)
    this.#redisHost = this.#hostOf(1)
    const redis = new Threads(this.simulation, { host: this.#redisHost, count: 1 })
    this.#gatewayHosts = Array.from({ length: plan.gateways.count }, () => this.#hostOf(plan.gateways.cores))
    this.#gateways = this.#gatewayHosts.map((host) => this.#gatewayOn(host, redis))
    const { parallelism } = plan.demands.store
    this.#store = new Threads(this.simulation, { host: this.#hostOf(parallelism), count: parallelism })
    this.#index = new VectorIndex(this.simulation, { random: this.#random, plan: plan.index })
    for (let i = 0; i < plan.workers.count; i++) this.#startWorker()
    this.#wanted = plan.workers.count
    for (const load of plan.load) this.#nextOf(load)
    for (const at of plan.arrivals) this.simulation.after(at, () => this.#ask('search'))
    if (plan.autoscaler !== null) this.#scaleBy(new Autoscaler(plan.autoscaler), plan.autoscaler)
  }

  /** Those that take jobs now. */
  get workers(): number {
    return this.#workers.length
  }

  /** The same, and those that start. */
  get wantedWorkers(): number {
    return this.#wanted
  }

  get busy(): Busy {
    const sum = (hosts: readonly Host[]) => hosts.reduce((total, host) => total + host.busyMs, 0)
    return {
      gateways: sum(this.#gatewayHosts),
      redis: this.#redisHost.busyMs,
      workers: sum(this.#workerHosts),
      index: this.#index.busyMs,
    }
  }

  report(): ScalingReport {
    return reportOf(this.simulation.now, { queue: this.#queue, workers: this.#workers })
  }

  runUntil(ms: number): void {
    this.simulation.runUntil(ms)
  }

  #hostOf(cores: number): Host {
    return new Host(this.simulation, cores)
  }

  #gatewayOn(host: Host, redis: Threads): Gateway {
    const { deadlineMs, queueLimit, demands } = this.#plan
    return new Gateway({
      simulation: this.simulation,
      host,
      redis,
      queue: this.#queue,
      report: () => this.report(),
      demands: demands.gateway,
      deadlineMs,
      queueLimit,
    })
  }

  #startWorker(): void {
    const { workers, demands } = this.#plan
    const host = this.#hostOf(workers.cores)
    this.#workerHosts.push(host)
    const worker = new Worker({
      simulation: this.simulation,
      random: this.#random,
      host,
      threads: workers.threads,
      queue: this.#queue,
      demands: demands.worker,
      slownessAt: this.#plan.slownessAt,
      look: (found) => this.#look(found),
    })
    this.#workers.push(worker)
    worker.takeJobs()
  }

  #look(found: () => void): void {
    const { cpuMs, delayMs } = this.#plan.demands.store
    this.#index.ask(() => {
      this.#store.run({
        lane: 'search',
        cpuMs,
        done: () => this.simulation.after(delayMs, found),
      })
    })
  }

  /** Those who ask know nothing of each other: at the highest rate, of which some are left out. */
  #nextOf(load: LaneLoadPlan): void {
    this.simulation.after(this.#random.exponential(1000 / load.mostRate), () => {
      if (this.#random.next() < load.rateAt(this.simulation.now) / load.mostRate) this.#ask(load.lane)
      this.#nextOf(load)
    })
  }

  #ask(lane: Lane): void {
    const at = this.simulation.now
    const gateway = this.#gateways[this.#asked % this.#gateways.length]!
    this.#asked += 1
    gateway.ask(lane, (outcome) => this.seen.note(at, outcome))
  }

  #scaleBy(
    autoscaler: Autoscaler,
    { syncMs, podStartMs }: { readonly syncMs: number; readonly podStartMs: number },
  ): void {
    this.simulation.every(syncMs, () => {
      const { search } = this.report()
      const figures: Readonly<Record<Figure, number>> = {
        estimatedWaitMs: search.estimatedWaitMs ?? 0,
        oldestWaitingMs: search.oldestWaitingMs,
        active: search.active,
      }
      const replicas = { current: this.#wanted, ready: this.#workers.length }
      const wanted = autoscaler.decide(this.simulation.now, replicas, (figure) => figures[figure])
      for (let i = this.#wanted; i < wanted; i++)
        this.simulation.after(podStartMs, () => this.#startIfWanted())
      for (let i = this.#workers.length; i > wanted; i--) this.#workers.pop()?.stop()
      this.#wanted = wanted
    })
  }

  #startIfWanted(): void {
    if (this.#workers.length < this.#wanted) this.#startWorker()
  }
}
