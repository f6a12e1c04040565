import {
  AppError,
  type Clock,
  deadlineMissed,
  type JobHandler,
  type Preparation,
  queueUnavailable,
  runInScope,
} from '@semblance/core'
import type { QueueNames } from '../queue-names.ts'
import type { RedisClock } from '../redis/redis-clock.ts'
import type { RedisLink } from '../redis/redis-link.ts'
import type { ActiveJob } from './active-job.ts'
import type { ActiveJobs } from './active-jobs.ts'
import { type JobEnd, replyOf } from './job-ending.ts'
import type { LivingGateways } from './living-gateways.ts'
import { StrayFault } from './stray-fault.ts'
import type { WorkerPlaces } from './worker-places.ts'

export interface JobHandlingDeps {
  readonly link: RedisLink
  readonly redisClock: RedisClock
  readonly names: QueueNames
  readonly clock: Clock
  readonly handlers: Readonly<Record<string, JobHandler>>
  readonly active: ActiveJobs
  readonly places: WorkerPlaces
  readonly gateways: LivingGateways
  /** Called with exceptions that no handler should throw, and the request that the job was done for, if that is known. */
  readonly onUnexpected: (fault: unknown, job?: { readonly requestId: string }) => void
}

interface JobToPrepare {
  readonly handler: JobHandler
  readonly payload: unknown
  readonly stray: StrayFault
  readonly remainingMs: number
}

const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The gateway that asked for the job has died. */
class OrphanedJob extends Error {
  override name = 'OrphanedJob'
}

/** The job is not to begin any more. Its caller waits to be told so. */
export class WithdrawnJob extends Error {
  override name = 'WithdrawnJob'
}

/** Calls the handler of a job, prepares the job before that, and says how it ended. */
export class JobHandling {
  readonly #deps: JobHandlingDeps

  constructor(deps: JobHandlingDeps) {
    this.#deps = deps
  }

  /** Never rejects: a fault of the handler is an end, too. */
  async handle(job: ActiveJob): Promise<JobEnd> {
    const { clock, redisClock, handlers, places, onUnexpected } = this.#deps
    const { name } = job.taken.job
    const remainingMs = (job.envelope?.deadlineAt ?? 0) - redisClock.now()
    const expire = () => job.abort(deadlineMissed(name, 1))
    const timer = setTimeout(expire, Math.min(Math.max(0, remainingMs), LONGEST_TIMER_MS))
    let since: number | null = null
    const ranMs = () => (since === null ? 0 : Math.max(0.001, clock.monotonic() - since))
    const { signal } = job
    const stray = new StrayFault({ now: () => clock.monotonic(), signal, onLate: onUnexpected })
    try {
      const handler = Object.hasOwn(handlers, name) ? handlers[name] : undefined
      if (handler === undefined) throw new Error('no handler of this name is registered')
      await this.#expectCaller(job)
      const payload = await this.#payloadOf(job)
      const preparation = await this.#prepare(job, { handler, payload, stray, remainingMs })
      if (preparation?.outcome === 'done') return endOf(job, { result: preparation.result, ranMs: 0 })
      since = clock.monotonic()
      const stepAside = () => places.stepAside(job)
      const prepared = preparation === null ? {} : { prepared: preparation.prepared }
      const context = { signal, lane: job.lane, stepAside, ...prepared }
      const handling = runInScope(stray.scope, () => handler(payload, context))
      const result = await Promise.race([handling, stray.thrown])
      return endOf(job, { result, ranMs: ranMs() })
    } catch (fault) {
      return this.#endByFault(job, fault, ranMs())
    } finally {
      stray.close()
      clearTimeout(timer)
    }
  }

  #endByFault({ taken, signal, envelope }: ActiveJob, fault: unknown, ranMs: number): JobEnd {
    if (signal.reason instanceof WithdrawnJob)
      return { outcome: 'aborted', ranMs, reply: { error: queueUnavailable(signal.reason) } }
    if (signal.aborted) return { outcome: 'aborted', ranMs }
    // The gateway may have stood still, and be back.
    if (fault instanceof OrphanedJob)
      return { outcome: 'orphaned', ranMs, reply: { error: queueUnavailable(fault) } }
    const reply = replyOf(taken.job.name, fault)
    if (fault instanceof AppError) {
      return { outcome: fault.code === 'E_OVERLOADED' ? 'overloaded' : 'failed', ranMs, reply }
    }
    this.#deps.onUnexpected(fault, requestOf(envelope?.payload))
    return { outcome: 'set-aside', ranMs, reply, fault }
  }

  /** Prepares a job, or answers null if it waits for nobody. It has a place then, unless nothing is left to do. */
  async #prepare(job: ActiveJob, given: JobToPrepare): Promise<Preparation | null> {
    const { active, places } = this.#deps
    const { handler, payload, stray, remainingMs } = given
    const context = { signal: job.signal, lane: job.lane, remainingMs }
    const preparing = runInScope(stray.scope, () => handler.prepare?.(payload, context) ?? null)
    if (preparing === null && !job.preparesFirst) return null
    places.leave(job)
    active.beginToPrepare(job)
    try {
      const preparation = await Promise.race([preparing, stray.thrown])
      if (preparation?.outcome === 'done') return preparation
      active.beginToAwaitPlace(job)
      await places.takeWhenFree(job)
      // It has begun: nobody withdraws it any more.
      active.endToPrepare(job)
      await this.#expectCaller(job)
      return preparation
    } finally {
      active.endToPrepare(job)
    }
  }

  /** A gateway that was killed leaves up to a window of jobs of imports: to do them would hold up those that somebody awaits. */
  async #expectCaller({ envelope }: ActiveJob): Promise<void> {
    if (envelope?.beats !== true) return
    if (!(await this.#deps.gateways.isAlive(envelope.replyTo)))
      throw new OrphanedJob('the gateway that asked for the job gives no sign of life')
  }

  async #payloadOf({ id, envelope, taken }: ActiveJob): Promise<unknown> {
    if (envelope !== null && 'payload' in envelope) return envelope.payload
    const aside = await this.#deps.link.redis.get(this.#deps.names.payload(id))
    // The payload outlives the job's deadline, so its caller has left and deleted it.
    if (aside === null) throw deadlineMissed(taken.job.name, 1)
    return JSON.parse(aside)
  }
}

function requestOf(payload: unknown): { readonly requestId: string } | undefined {
  const isTold = typeof payload === 'object' && payload !== null && 'requestId' in payload
  return isTold && typeof payload.requestId === 'string' ? { requestId: payload.requestId } : undefined
}

function endOf(
  { signal }: ActiveJob,
  { result, ranMs }: { readonly result: unknown; readonly ranMs: number },
): JobEnd {
  const isAwaited = !signal.aborted || signal.reason instanceof WithdrawnJob
  if (!isAwaited) return { outcome: 'aborted', ranMs }
  return { outcome: 'done', ranMs, reply: { json: jsonOf(result) } }
}

/** Throws for a result that is no JSON, so that the fault is put down to the handler. */
function jsonOf(result: unknown): string {
  return JSON.stringify(result) ?? 'null'
}
