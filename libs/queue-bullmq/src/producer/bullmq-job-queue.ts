import {
  AppError,
  type Clock,
  deadlineMissed,
  type ErrorCode,
  type JobQueue,
  type JobRequest,
  jobFailed,
  LANES,
  type Lane,
  type LaneLoad,
  noWorker,
  overloaded,
  queueUnavailable,
  shuttingDown,
} from '@semblance/core'
import type { JobsOptions } from 'bullmq'
import { sealEnvelope } from '../job-envelope.ts'
import type { JobReply } from '../job-reply.ts'
import type { BullmqJobOutcome, BullmqJobReport } from '../job-report.ts'
import { jobIdOf, type QueueNames } from '../queue-names.ts'
import { readScaling, type ScalingReport, tellRefused } from '../queue-state.ts'
import type { RedisClock } from '../redis/redis-clock.ts'
import type { RedisLink } from '../redis/redis-link.ts'
import { LaneAdmission, type Refusal } from './lane-admission.ts'
import type { LaneQueues } from './lane-queues.ts'
import { PendingJob } from './pending-job.ts'

export interface BullmqJobQueue extends JobQueue {
  scaling(): Promise<ScalingReport>
  /** Throws E_QUEUE_UNAVAILABLE unless Redis answers now. */
  check(): Promise<void>
  /** Throws E_NO_WORKER while jobs of this lane are refused for want of a worker. */
  checkWorkers(lane: Lane): Promise<void>
}

export interface BullmqJobQueueDeps {
  readonly link: RedisLink
  readonly queues: LaneQueues
  readonly redisClock: RedisClock
  readonly names: QueueNames
  readonly clock: Clock
  /** Names this process among all gateways, for this run of it only. */
  readonly gateway: string
  readonly limits: Readonly<Record<Lane, number>>
  readonly observe: (report: BullmqJobReport) => void
  /** Closes what `link` does not own. */
  readonly closeRest: () => Promise<void>
}

const MAX_RETRY_AFTER_S = 60
/** The connection that reads answers may come back so much later. */
const ANSWERS_FIRST_MS = 1500
const OUTCOMES: Readonly<Partial<Record<ErrorCode, BullmqJobOutcome>>> = {
  E_OVERLOADED: 'overloaded',
  E_QUEUE_UNAVAILABLE: 'unavailable',
  E_NO_WORKER: 'no-worker',
}
/** A payload that lies aside outlives its job's deadline by so much. */
const PAYLOAD_GRACE_MS = 60_000
/** Who has waited for so long is looked after: is anybody there to do it? */
const LOOKED_AFTER_MS = 1_000

export class LinkedJobQueue implements BullmqJobQueue {
  readonly #deps: BullmqJobQueueDeps
  readonly #pending = new Map<string, PendingJob>()
  readonly #admission: LaneAdmission
  /** For want of a worker, and not yet told to Redis. */
  readonly #unserved = new Map<Lane, number>()
  #counter = 0
  #closing: Promise<void> | null = null
  #onEmpty: (() => void) | null = null

  constructor(deps: BullmqJobQueueDeps) {
    this.#deps = deps
    const read = () => deps.link.call((redis) => readScaling(redis, deps.names))
    this.#admission = new LaneAdmission({ clock: deps.clock, limits: deps.limits, read })
  }

  run(request: JobRequest, waiting: { readonly signal: AbortSignal }): Promise<unknown> {
    if (waiting.signal.aborted) return Promise.reject(waiting.signal.reason)
    this.#counter += 1
    const { preparesFirst = false } = request
    const id = jobIdOf({ gateway: this.#deps.gateway, number: this.#counter, preparesFirst })
    const job = new PendingJob(id, request, this.#now())
    this.#pending.set(job.id, job)
    if (this.#closing !== null) this.#reject(job, 'shut-down', shuttingDown())
    else if (request.deadlineMs <= 0) this.#reject(job, 'deadline', deadlineMissed(request.name, 1))
    else {
      job.watch(waiting.signal, {
        expire: () => this.#giveUp(job, 'deadline', deadlineMissed(request.name, 1)),
        leave: () => this.#giveUp(job, 'aborted', waiting.signal.reason),
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

  /** Callers who wait are answered as long as the signal allows; then they are refused and their jobs taken back. */
  close(waiting: { readonly signal: AbortSignal }): Promise<void> {
    this.#closing ??= this.#close(waiting.signal)
    return this.#closing
  }

  async #close(signal: AbortSignal): Promise<void> {
    await this.#emptyOrAborted(signal)
    const left = [...this.#pending.values()]
    for (const job of left) this.#reject(job, 'shut-down', shuttingDown())
    await Promise.all(left.map((job) => this.#takeBack(job)))
    const { link, queues, closeRest, names, gateway } = this.#deps
    await closeRest()
    await link.call((redis) => redis.del(names.replies(gateway))).catch(() => {})
    await queues.close()
    link.close()
  }

  onReply(reply: JobReply): void {
    const job = this.#pending.get(reply.jobId)
    if (job === undefined) return
    const { end } = reply
    const isFirst =
      'json' in end
        ? job.resolve(JSON.parse(end.json))
        : job.reject(OUTCOMES[end.error.code] ?? 'failed', end.error)
    if (isFirst) this.#ended(job, reply)
  }

  /** Redis has been away for a while: nobody is kept waiting for an answer that may be lost with it. */
  onAway(fault: unknown): void {
    for (const job of [...this.#pending.values()]) this.#reject(job, 'unavailable', queueUnavailable(fault))
  }

  /** Redis is back, perhaps without the last second of its memory: whose job is lost need not wait for the deadline. */
  async onBack(): Promise<void> {
    this.#admission.forgiveAbsence()
    const { link, names } = this.#deps
    const added = [...this.#pending.values()].filter(({ isAdded }) => isAdded)
    if (added.length === 0) return
    const keys = added.map(({ id, request }) => names.bull(request.lane, id))
    try {
      const found = await link.call((redis) => Promise.all(keys.map((key) => redis.exists(key))))
      // A job is gone also when it has been answered; such an answer is read first.
      await new Promise((resolve) => setTimeout(resolve, ANSWERS_FIRST_MS))
      for (const [i, job] of added.entries()) {
        if (found[i] === 0)
          this.#reject(job, 'unavailable', queueUnavailable(new Error('Redis lost the job')))
      }
    } catch {
      // Away again: the next time it is back.
    }
  }

  /** To be called every second or so. Never rejects. */
  async refuseUnserved(): Promise<void> {
    const { link, names } = this.#deps
    try {
      const waiting = [...this.#pending.values()].filter(
        ({ isAdded, since }) => isAdded && this.#now() - since >= LOOKED_AFTER_MS,
      )
      if (waiting.length > 0) {
        const report = await this.#admission.read()
        const isUnserved = ({ request }: PendingJob) => this.#admission.lacksWorker(report, request.lane)
        await Promise.all(waiting.filter(isUnserved).map((job) => this.#refuseUnlessRunning(job)))
      }
      if (this.#unserved.size === 0) return
      const refused = new Map(this.#unserved)
      this.#unserved.clear()
      await link.call((redis) => tellRefused(redis, names, refused))
    } catch {
      // Redis is away: whoever waits is told so.
    }
  }

  /** A worker that is told to stop finishes what it has; such a job cannot be removed, and its caller goes on waiting. */
  async #refuseUnlessRunning(job: PendingJob): Promise<void> {
    const { link, queues, names } = this.#deps
    const { lane } = job.request
    const isRemoved = await link.call(async (redis) => {
      const removed = await (await queues.of(lane)).remove(job.id)
      if (removed > 0 && job.hasPayloadAside) await redis.del(names.payload(job.id))
      return removed > 0
    })
    if (isRemoved) this.#rejectUnserved(job)
  }

  #rejectUnserved(job: PendingJob): void {
    const { lane } = job.request
    this.#unserved.set(lane, (this.#unserved.get(lane) ?? 0) + 1)
    this.#reject(job, 'no-worker', noWorker(lane))
  }

  async #enqueue(job: PendingJob): Promise<void> {
    try {
      const refusal = await this.#admission.refusalOf(job.request)
      if (refusal !== null) return this.#refuse(job, refusal)
      await this.#addUnlessSettled(job)
    } catch (fault) {
      const error = fault instanceof AppError ? fault : jobFailed(job.request.name, fault)
      this.#reject(job, OUTCOMES[error.code] ?? 'failed', error)
    }
    if (job.isSettled) await this.#takeBack(job)
  }

  #refuse(job: PendingJob, refusal: Refusal): void {
    if (refusal.why === 'no-worker') this.#rejectUnserved(job)
    else {
      const error = overloaded(`lane ${job.request.lane}`, retryAfterSeconds(refusal.waitMs))
      this.#reject(job, 'overloaded', error)
    }
  }

  /** Whoever was let in has left the way to Redis however this ends. */
  async #addUnlessSettled(job: PendingJob): Promise<void> {
    try {
      if (!job.isSettled) await this.#add(job)
    } finally {
      this.#admission.arrived(job.request)
    }
  }

  async #add(job: PendingJob): Promise<void> {
    const { link, queues, redisClock, names, gateway } = this.#deps
    const { name, lane, payload, deadlineMs } = job.request
    if (!redisClock.isMeasured) throw queueUnavailable(new Error('the clock of Redis is not known yet'))
    const now = redisClock.now()
    const deadlineAt = now + deadlineMs - (this.#now() - job.since)
    const { envelope, aside } = sealEnvelope({ payload, replyTo: gateway, deadlineAt })
    const options: JobsOptions = { jobId: job.id, timestamp: Math.round(now) }
    job.isQueued = true
    await link.call(async (redis) => {
      const queue = await queues.of(lane)
      if (aside !== null) {
        job.hasPayloadAside = true
        await redis.set(names.payload(job.id), aside, 'PX', Math.ceil(deadlineMs + PAYLOAD_GRACE_MS))
      }
      await queue.add(name, envelope, options)
    })
    job.isAdded = true
  }

  #giveUp(job: PendingJob, outcome: BullmqJobOutcome, error: unknown): void {
    this.#reject(job, outcome, error)
    void this.#takeBack(job)
  }

  /** Gives the place back if it still waits; else the worker that runs it is told. Best effort: its deadline ends it anyway. */
  async #takeBack(job: PendingJob): Promise<void> {
    if (!job.isQueued) return
    const { link, queues, names } = this.#deps
    try {
      await link.call(async (redis) => {
        const removed = await (await queues.of(job.request.lane)).remove(job.id)
        if (removed === 0) await redis.publish(names.cancel, job.id)
        else if (job.hasPayloadAside) await redis.del(names.payload(job.id))
      })
    } catch {
      // Redis is away, and the caller has been answered.
    }
  }

  #reject(job: PendingJob, outcome: BullmqJobOutcome, error: unknown): void {
    if (job.reject(outcome, error)) this.#ended(job, { waitedMs: this.#now() - job.since, ranMs: 0 })
  }

  #ended(job: PendingJob, times: { readonly waitedMs: number; readonly ranMs: number }): void {
    const { name, lane } = job.request
    this.#pending.delete(job.id)
    this.#deps.observe({
      job: name,
      lane,
      waitedMs: times.waitedMs,
      ranMs: times.ranMs,
      outcome: job.outcome,
    })
    if (this.#pending.size === 0) this.#onEmpty?.()
  }

  async #emptyOrAborted(signal: AbortSignal): Promise<void> {
    if (this.#pending.size === 0 || signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const end = () => resolve()
    this.#onEmpty = end
    signal.addEventListener('abort', end, { once: true })
    await promise
    signal.removeEventListener('abort', end)
  }

  #now(): number {
    return this.#deps.clock.monotonic()
  }
}

/** Every lane has a limit. */
export function laneLimits(given: Readonly<Partial<Record<Lane, number>>>, preset: number) {
  return Object.fromEntries(LANES.map((lane) => [lane, given[lane] ?? preset])) as Record<Lane, number>
}

function retryAfterSeconds(waitMs: number): number {
  return Math.min(MAX_RETRY_AFTER_S, Math.max(1, Math.ceil(waitMs / 1000)))
}
