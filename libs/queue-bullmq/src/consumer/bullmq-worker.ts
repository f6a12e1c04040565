import { type Clock, type Lane, queueUnavailable, shuttingDown } from '@semblance/core'
import { withdrawnJob } from '../queue-names.ts'
import type { ActiveJob } from './active-job.ts'
import { ActiveJobs } from './active-jobs.ts'
import { Heartbeat, type HeartbeatDeps } from './heartbeat.ts'
import { WithdrawnJob } from './job-handling.ts'
import { JobLoop, type JobLoopDeps } from './job-loop.ts'
import { JobRunner, type JobRunnerDeps } from './job-runner.ts'
import { LaneStatistics } from './lane-statistics.ts'
import { LivingGateways } from './living-gateways.ts'
import { WorkerPlaces } from './worker-places.ts'

export interface WorkerLoad {
  readonly running: Readonly<Record<Lane, number>>
  readonly concurrency: number
}

export interface BullmqWorker {
  /** Throws E_QUEUE_UNAVAILABLE unless Redis answers and jobs are being taken. */
  check(): Promise<void>
  /** Stops taking, finishes what runs until the signal aborts, hands the rest to other workers at once. */
  close(waiting: { readonly signal: AbortSignal }): Promise<void>
  load(): WorkerLoad
}

/** What the parts of a worker need, without what they share within it. */
type PartDeps = HeartbeatDeps & JobLoopDeps & JobRunnerDeps
export interface BullmqWorkerDeps
  extends Omit<PartDeps, 'active' | 'places' | 'statistics' | 'begin' | 'gateways'> {
  readonly clock: Clock
  /** How many places only the most urgent lane may take, so that it need not wait for one. */
  readonly reserved: number
}

/** A worker that has not looked into a lane for so long is broken: an idle one looks every second. */
const LONGEST_LOOK_MS = 10_000

/** One loop takes jobs, one runner carries them out, and one heartbeat keeps their locks. */
export class FetchingWorker implements BullmqWorker {
  readonly #deps: BullmqWorkerDeps
  readonly #active = new ActiveJobs()
  readonly #places: WorkerPlaces
  readonly #runner: JobRunner
  readonly #loop: JobLoop
  readonly #heartbeat: Heartbeat
  #closing: Promise<void> | null = null

  constructor(deps: BullmqWorkerDeps) {
    this.#deps = deps
    const { concurrency, reserved, lanes, clock } = deps
    const active = this.#active
    const onPlace = () => active.changed()
    this.#places = new WorkerPlaces({ concurrency, reserved, clock, urgent: lanes[0] ?? null, onPlace })
    const shared = {
      ...deps,
      active,
      places: this.#places,
      statistics: new LaneStatistics(clock),
      gateways: new LivingGateways(deps),
    }
    const runner = new JobRunner(shared)
    this.#runner = runner
    this.#loop = new JobLoop({ ...shared, begin: (job) => runner.begin(job) })
    this.#heartbeat = new Heartbeat(shared)
  }

  /** Takes jobs from now on. */
  start(): void {
    this.#heartbeat.start()
    this.#loop.start()
  }

  async check(): Promise<void> {
    if (this.#closing !== null) throw shuttingDown()
    await this.#deps.link.call((redis) => redis.ping())
    const isBusy = this.#places.taken >= this.#deps.concurrency
    const { idleMs } = this.#loop
    if (!isBusy && idleMs > LONGEST_LOOK_MS) {
      throw queueUnavailable(new Error(`no lane has been looked into for ${Math.round(idleMs)} ms`))
    }
  }

  load(): WorkerLoad {
    const count = (lane: Lane) => this.#places.countOf(lane)
    const running = { search: count('search'), enroll: count('enroll'), bulk: count('bulk') }
    return { running, concurrency: this.#deps.concurrency }
  }

  /** Ends what a message of the channel for cancelled jobs names. */
  cancel(message: string): void {
    const withdrawn = withdrawnJob(message)
    if (withdrawn !== null) this.#active.findWithoutPlace(withdrawn)?.abort(new WithdrawnJob())
    else this.#active.find(message)?.abort(new Error('nobody waits for this job any more'))
  }

  close(waiting: { readonly signal: AbortSignal }): Promise<void> {
    this.#closing ??= this.#close(waiting.signal)
    return this.#closing
  }

  async #close(signal: AbortSignal): Promise<void> {
    const { cancels, workers, lanes, link } = this.#deps
    const aborted = abortOf(signal)
    // No job is taken from here on, so nobody is to count on this worker while it finishes those that it has.
    this.#runner.close()
    this.#heartbeat.leave()
    await Promise.race([this.#loop.stop(), aborted.promise])
    // These would wait for another server. Whoever takes them next can do that as well.
    await this.#handBack(this.#active.withoutPlace)
    while (this.#active.all.length > 0 && !signal.aborted) {
      await Promise.race([this.#active.change(), aborted.promise])
    }
    await this.#handBack(this.#active.all)
    // A blocking wait may have ended just when it had taken a marker.
    await link.call(() => Promise.all(lanes.map((lane) => workers.wake(lane)))).catch(() => {})
    await this.#heartbeat.forget()
    this.#heartbeat.close()
    aborted.forget()
    cancels.close()
    await workers.close()
    link.close()
  }

  async #handBack(jobs: readonly ActiveJob[]): Promise<void> {
    await Promise.all(jobs.map((job) => this.#runner.handBack(job)))
  }
}

/** Resolves once the signal has aborted. `forget` is for when nobody waits for it any more. */
function abortOf(signal: AbortSignal): { readonly promise: Promise<void>; forget(): void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  const end = () => resolve()
  if (signal.aborted) resolve()
  signal.addEventListener('abort', end, { once: true })
  return { promise, forget: () => signal.removeEventListener('abort', end) }
}
