import type { Clock, Lane } from '@semblance/core'
import { readEnvelope } from '../job-envelope.ts'
import type { RedisClock } from '../redis/redis-clock.ts'
import { ActiveJob } from './active-job.ts'
import type { ActiveJobs } from './active-jobs.ts'
import type { BlockingWait } from './blocking-wait.ts'
import { LaneOrder } from './lane-order.ts'
import type { LaneWorkers, TakenJob } from './lane-workers.ts'
import type { WorkerPlaces } from './worker-places.ts'

export interface JobLoopDeps {
  readonly workers: LaneWorkers
  readonly blockingWait: BlockingWait
  /** The wait for the most urgent lane alone, while the places of all others are taken. Null if it has none for itself. */
  readonly urgentWait: BlockingWait | null
  readonly redisClock: RedisClock
  readonly clock: Clock
  /** By urgency. */
  readonly lanes: readonly Lane[]
  readonly active: ActiveJobs
  readonly places: WorkerPlaces
  /** Begins a job that was taken. */
  readonly begin: (job: ActiveJob) => void
  readonly onFault: (fault: unknown) => void
}

/** What one loop takes from. There are at most two, side by side: for all lanes, and for the most urgent one. */
interface Source {
  readonly blockingWait: BlockingWait
  readonly lanes: () => readonly Lane[]
  readonly hasPlace: () => boolean
}

const PAUSE_MS = 200

/** Takes jobs as long as there are places for them. */
export class JobLoop {
  readonly #deps: JobLoopDeps
  readonly #order: LaneOrder
  /** The lanes whose marker this worker took and that it has not looked into since. */
  readonly #markers = new Set<Lane>()
  #closing = false
  #ended: Promise<unknown> = Promise.resolve()
  #lookedAt: number

  constructor(deps: JobLoopDeps) {
    this.#deps = deps
    this.#order = new LaneOrder(deps.lanes, deps.clock)
    this.#lookedAt = deps.clock.monotonic()
  }

  start(): void {
    this.#ended = Promise.all(this.#sources().map((source) => this.#takeFrom(source)))
  }

  /** Milliseconds since a loop last began to look for a job. */
  get idleMs(): number {
    return this.#deps.clock.monotonic() - this.#lookedAt
  }

  /** Stops taking jobs. Resolves once no job is on its way here any more. */
  async stop(): Promise<void> {
    this.#closing = true
    this.#deps.blockingWait.close()
    this.#deps.urgentWait?.close()
    this.#deps.active.changed()
    await this.#ended
  }

  #sources(): readonly Source[] {
    const { blockingWait, urgentWait, lanes, places } = this.#deps
    const [urgent] = lanes
    const all = { blockingWait, lanes: () => this.#order.lanes(), hasPlace: () => places.hasForAll() }
    if (urgentWait === null || urgent === undefined) return [all]
    const hasPlace = () => places.hasForUrgent()
    return [all, { blockingWait: urgentWait, lanes: () => [urgent], hasPlace }]
  }

  async #takeFrom(source: Source): Promise<void> {
    while (!this.#closing) {
      this.#lookedAt = this.#deps.clock.monotonic()
      try {
        if (!source.hasPlace()) {
          await this.#returnMarkers()
          while (!this.#closing && !source.hasPlace()) await this.#deps.active.change()
        } else if (!this.#deps.redisClock.isMeasured) await pause()
        else if (!(await this.#takeOne(source))) {
          const lane = await source.blockingWait.wait()
          if (lane !== null) this.#markers.add(lane)
        }
      } catch (fault) {
        if (this.#closing) return
        this.#deps.onFault(fault)
        await pause()
      }
    }
  }

  /** Takes one job from the first lane that has one. False if nothing waits. */
  async #takeOne(source: Source): Promise<boolean> {
    for (const lane of source.lanes()) {
      if (this.#closing) return false
      if (await this.#look(lane)) return true
      this.#order.foundEmpty(lane)
    }
    return false
  }

  /** Takes one job from this lane and begins it. False if nothing waits. */
  async #look(lane: Lane): Promise<boolean> {
    const { places, workers, active } = this.#deps
    try {
      return await places.look(async () => {
        const taken = await workers.take(lane)
        this.#markers.delete(lane)
        if (taken !== null) this.#begin(taken)
        return taken !== null
      })
    } finally {
      active.changed()
    }
  }

  #begin(taken: TakenJob): void {
    const waitedMs = Math.max(0, this.#deps.redisClock.now() - taken.job.timestamp)
    this.#order.took(taken.lane, waitedMs)
    this.#deps.begin(new ActiveJob(taken, readEnvelope(taken.job.data), waitedMs))
  }

  /** Wakes other workers for the lanes that this one was woken for and has no place for. */
  async #returnMarkers(): Promise<void> {
    const lanes = [...this.#markers]
    this.#markers.clear()
    await Promise.all(lanes.map((lane) => this.#deps.workers.wake(lane)))
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
}
