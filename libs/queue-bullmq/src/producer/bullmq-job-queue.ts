import {
  type AppError,
  type Clock,
  deadlineMissed,
  type JobQueue,
  type JobRequest,
  type JobWaiting,
  LANES,
  type Lane,
  type LaneLoad,
  noWorker,
  overloaded,
  retryAfterSeconds,
  shuttingDown,
} from '@semblance/core'
import type { JobReply } from '../job-reply.ts'
import type { BullmqJobOutcome, BullmqJobReport } from '../job-report.ts'
import { isPatient, type ScalingReport } from '../lane-scaling.ts'
import { jobIdOf, type QueueNames } from '../queue-names.ts'
import { readScaling } from '../read-scaling.ts'
import type { RedisClock } from '../redis/redis-clock.ts'
import type { RedisLink } from '../redis/redis-link.ts'
import { readBeats } from '../worker-beat.ts'
import { CallerWatch } from './caller-watch.ts'
import { JobWriter } from './job-writer.ts'
import { LaneAdmission, type Refusal } from './lane-admission.ts'
import type { LaneQueues } from './lane-queues.ts'
import { QueuedJob } from './queued-job.ts'
import { QueuedJobs } from './queued-jobs.ts'

export interface BullmqJobQueue extends JobQueue {
  /** The present state of all lanes. Throws E_QUEUE_UNAVAILABLE while Redis is away. */
  scaling(): Promise<ScalingReport>
  /** Throws E_QUEUE_UNAVAILABLE unless Redis answers now. */
  check(): Promise<void>
  /** Throws E_NO_WORKER while jobs of this lane are refused for want of a worker. */
  checkWorkers(lane: Lane): Promise<void>
  /** Live workers. Throws E_QUEUE_UNAVAILABLE while Redis is away. */
  workers(): Promise<readonly LiveWorker[]>
}

export interface LiveWorker {
  readonly lanes: readonly Lane[]
  /** Model packs that it has loaded; null: it is of a version that does not tell, and has one for good. */
  readonly packs: readonly string[] | null
  /** Those of them whose networks answer to no picture now. */
  readonly deadPacks: readonly string[]
}

export interface BullmqJobQueueDeps {
  readonly link: RedisLink
  readonly queues: LaneQueues
  readonly redisClock: RedisClock
  readonly names: QueueNames
  readonly clock: Clock
  /** The name of this run of this process among all gateways. */
  readonly gateway: string
  readonly limits: Readonly<Record<Lane, number>>
  readonly observe: (report: BullmqJobReport) => void
  /** Closes what `link` does not own. */
  readonly closeRest: () => Promise<void>
}

export class LinkedJobQueue implements BullmqJobQueue {
  readonly #deps: BullmqJobQueueDeps
  readonly #jobs: QueuedJobs
  readonly #admission: LaneAdmission
  readonly #writer: JobWriter
  readonly #watch: CallerWatch
  #counter = 0
  #closing: Promise<void> | null = null

  constructor(deps: BullmqJobQueueDeps) {
    this.#deps = deps
    const { link, names, clock, limits, observe } = deps
    const now = () => clock.monotonic()
    const read = () => link.call((redis) => readScaling(redis, names))
    const jobs = new QueuedJobs({ now, observe })
    const admission = new LaneAdmission({ clock, limits, read })
    const writer = new JobWriter({ ...deps, now })
    this.#jobs = jobs
    this.#admission = admission
    this.#writer = writer
    this.#watch = new CallerWatch({ link, names, jobs, writer, admission, now })
  }

  run(request: JobRequest, waiting: JobWaiting): Promise<unknown> {
    const { signal, unlessBegun } = waiting
    for (const one of [signal, unlessBegun]) if (one?.aborted === true) return Promise.reject(one.reason)
    this.#counter += 1
    const { preparesFirst = false } = request
    const id = jobIdOf({ gateway: this.#deps.gateway, number: this.#counter, preparesFirst })
    const job = new QueuedJob(id, request, this.#deps.clock.monotonic())
    this.#jobs.add(job)
    if (this.#closing !== null) this.#jobs.reject(job, 'shut-down', shuttingDown())
    else if (request.deadlineMs <= 0) this.#jobs.reject(job, 'deadline', this.#deadlineError(request))
    else {
      job.watch(waiting, {
        expire: () => void this.#expire(job),
        leave: () => this.#giveUp(job, 'aborted', signal.reason),
        withdraw: () => void this.#withdraw(job),
      })
      void this.#enqueue(job)
    }
    return job.answer
  }

  async load(): Promise<Readonly<Record<Lane, LaneLoad>>> {
    return this.#admission.read()
  }

  scaling(): Promise<ScalingReport> {
    return this.#admission.read()
  }

  async check(): Promise<void> {
    await this.#deps.link.call((redis) => redis.ping())
  }

  async checkWorkers(lane: Lane): Promise<void> {
    if (this.#admission.lacksWorker(await this.#admission.read(), lane)) throw noWorker(lane)
  }

  async workers(): Promise<readonly LiveWorker[]> {
    const { link, names } = this.#deps
    const beats = await link.call((redis) => readBeats(redis, names))
    return beats.map(({ lanes, packs = null, deadPacks = [] }) => ({ lanes, packs, deadPacks }))
  }

  /** Goes on answering until the signal aborts. Then callers who still wait are refused, and their jobs taken back. */
  close(waiting: { readonly signal: AbortSignal }): Promise<void> {
    this.#closing ??= this.#close(waiting.signal)
    return this.#closing
  }

  onReply(reply: JobReply): void {
    this.#jobs.answer(reply)
  }

  onAway(fault: unknown): void {
    this.#watch.onAway(fault)
  }

  onBack(): Promise<void> {
    return this.#watch.onBack()
  }

  /** Refuses those whose lane has lost its last worker. It is to be called each second and never rejects. */
  refuseUnserved(): Promise<void> {
    return this.#watch.refuseUnserved()
  }

  async #close(signal: AbortSignal): Promise<void> {
    await this.#jobs.emptyOrAborted(signal)
    const left = this.#jobs.all
    for (const job of left) this.#jobs.reject(job, 'shut-down', shuttingDown())
    await Promise.all(left.map((job) => this.#writer.takeBack(job)))
    const { link, queues, closeRest, names, gateway } = this.#deps
    await closeRest()
    await link.call((redis) => redis.del(names.replies(gateway))).catch(() => {})
    await queues.close()
    link.close()
  }

  async #enqueue(job: QueuedJob): Promise<void> {
    try {
      const refusal = await this.#admission.refusalOf(job.request)
      if (refusal !== null) return this.#refuse(job, refusal)
      await this.#addUnlessSettled(job)
    } catch (fault) {
      this.#jobs.fail(job, fault)
    }
    if (job.isSettled) await this.#writer.takeBack(job)
    else if (job.isWithdrawn) await this.#withdraw(job)
  }

  /** One that is on its way to Redis is withdrawn when it is there. */
  async #withdraw(job: QueuedJob): Promise<void> {
    if (job.isQueued && !job.isAdded) return
    const isTaken = !job.isQueued || (await this.#writer.withdraw(job))
    if (isTaken) this.#jobs.reject(job, 'aborted', job.whyWithdrawn)
  }

  #refuse(job: QueuedJob, refusal: Refusal): void {
    if (refusal.why === 'no-worker') this.#watch.refuse(job)
    else this.#jobs.fail(job, overloaded(`lane ${job.request.lane}`, retryAfterSeconds(refusal.waitMs)))
  }

  #deadlineError({ name, lane }: JobRequest, hasBegun = true): AppError {
    return deadlineMissed(name, retryAfterSeconds(this.#admission.expectedWaitMs(lane)), hasBegun)
  }

  /** Whoever waits for a patient lane learns whether anybody had the job; the others are answered at once. */
  async #expire(job: QueuedJob): Promise<void> {
    const hasBegun = !isPatient(job.request.lane) || (await this.#writer.wasTaken(job))
    this.#giveUp(job, 'deadline', this.#deadlineError(job.request, hasBegun))
  }

  /** Adds the job. However that ends, it is no longer on its way to Redis. */
  async #addUnlessSettled(job: QueuedJob): Promise<void> {
    try {
      if (!job.isSettled) await this.#writer.add(job)
    } finally {
      this.#admission.arrived(job.request)
    }
  }

  #giveUp(job: QueuedJob, outcome: BullmqJobOutcome, error: unknown): void {
    this.#jobs.reject(job, outcome, error)
    void this.#writer.takeBack(job)
  }
}

/** Gives each lane a limit: the given one, or else `preset`. */
export function laneLimits(given: Readonly<Partial<Record<Lane, number>>>, preset: number) {
  return Object.fromEntries(LANES.map((lane) => [lane, given[lane] ?? preset])) as Record<Lane, number>
}
