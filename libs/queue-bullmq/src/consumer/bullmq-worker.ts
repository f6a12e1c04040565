import {
  AppError,
  type Clock,
  deadlineMissed,
  type JobHandler,
  jobFailed,
  type Lane,
  queueUnavailable,
  runInScope,
  shuttingDown,
} from '@semblance/core'
import { readEnvelope } from '../job-envelope.ts'
import type { BullmqJobReport } from '../job-report.ts'
import type { QueueNames } from '../queue-names.ts'
import { writeBeat } from '../queue-state.ts'
import type { RedisClock } from '../redis/redis-clock.ts'
import type { RedisLink } from '../redis/redis-link.ts'
import { abortOf } from './abort-of.ts'
import type { CancelListener } from './cancel-listener.ts'
import { HeldJob } from './held-job.ts'
import { endJob, type JobEnd, replyOf } from './job-ending.ts'
import { LaneMeter } from './lane-meter.ts'
import type { LaneWorkers, TakenJob } from './lane-workers.ts'
import { Places } from './places.ts'
import { StrayFault } from './stray-fault.ts'
import { TakeOrder } from './take-order.ts'
import type { WorkBell } from './work-bell.ts'

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

export interface BullmqWorkerDeps {
  readonly id: string
  readonly link: RedisLink
  readonly workers: LaneWorkers
  readonly bell: WorkBell
  /** Of the most urgent lane alone: rung while the places of all others are taken. Null if none are kept free. */
  readonly urgentBell: WorkBell | null
  readonly cancels: CancelListener
  readonly redisClock: RedisClock
  readonly names: QueueNames
  readonly clock: Clock
  /** By urgency. */
  readonly lanes: readonly Lane[]
  readonly concurrency: number
  /** Places that only the most urgent lane may take, so that it need not wait for a place. */
  readonly reserved: number
  /** Jobs that the machine gets on with at once, for estimates of waits. */
  readonly parallelism: number
  readonly handlers: Readonly<Record<string, JobHandler>>
  readonly beatMs: number
  readonly observe: (report: BullmqJobReport) => void
  readonly onFault: (fault: unknown) => void
  readonly onUnexpected: (fault: unknown) => void
}

interface JobToPrepare {
  readonly handler: JobHandler
  readonly payload: unknown
  readonly stray: StrayFault
  readonly remainingMs: number
}

const PAUSE_MS = 200
/** Somebody who looks for jobs as long as there is a place for them. */
interface Lookout {
  readonly bell: WorkBell
  readonly lanes: () => readonly Lane[]
  readonly hasPlace: () => boolean
}

/** An idle worker looks every second. */
const LONGEST_LOOK_MS = 10_000
const LONGEST_TIMER_MS = 2 ** 31 - 1

export class FetchingWorker implements BullmqWorker {
  readonly #deps: BullmqWorkerDeps
  readonly #order: TakeOrder
  readonly #meter: LaneMeter
  /** From pick-up until Redis knows the end. */
  readonly #held = new Map<string, HeldJob>()
  readonly #places: Places
  /** Waiting for strangers, or for a place after that. */
  readonly #preparing = new Set<HeldJob>()
  /** Lanes whose marker we took and that we have not looked into since. */
  readonly #owed = new Set<Lane>()
  #closing = false
  #closed = false
  #ending: Promise<void> | null = null
  #lookedAt: number
  #dispatching: Promise<unknown> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #onChange: (() => void)[] = []

  constructor(deps: BullmqWorkerDeps) {
    this.#deps = deps
    this.#order = new TakeOrder(deps.lanes, deps.clock)
    this.#meter = new LaneMeter(deps.clock)
    const { concurrency, reserved, lanes, clock } = deps
    const onPlace = () => this.#changed()
    this.#places = new Places({ concurrency, reserved, clock, urgent: lanes[0] ?? null, onPlace })
    this.#lookedAt = deps.clock.monotonic()
  }

  /** Takes jobs from now on. */
  start(): void {
    void this.#beatOn()
    this.#dispatching = Promise.all(this.#lookouts().map((lookout) => this.#dispatch(lookout)))
  }

  async check(): Promise<void> {
    if (this.#closing) throw shuttingDown()
    await this.#deps.link.call((redis) => redis.ping())
    const isBusy = this.#places.taken >= this.#deps.concurrency
    const idleMs = this.#deps.clock.monotonic() - this.#lookedAt
    if (!isBusy && idleMs > LONGEST_LOOK_MS) {
      throw queueUnavailable(new Error(`no lane has been looked into for ${Math.round(idleMs)} ms`))
    }
  }

  load(): WorkerLoad {
    const count = (lane: Lane) => this.#places.countOf(lane)
    const running = { search: count('search'), enroll: count('enroll'), bulk: count('bulk') }
    return { running, concurrency: this.#deps.concurrency }
  }

  cancel(jobId: string): void {
    this.#held.get(jobId)?.abort(new Error('nobody waits for this job any more'))
  }

  close(waiting: { readonly signal: AbortSignal }): Promise<void> {
    this.#ending ??= this.#end(waiting)
    return this.#ending
  }

  async #end(waiting: { readonly signal: AbortSignal }): Promise<void> {
    this.#closing = true
    const { bell, urgentBell, cancels, workers, lanes, names, link, id } = this.#deps
    const aborted = abortOf(waiting.signal)
    const sayGoodbye = () => link.call((redis) => redis.hdel(names.workers, id))
    // From here on no job is taken: nobody is to count on this worker while it finishes those it has.
    void sayGoodbye().catch(() => {})
    bell.close()
    urgentBell?.close()
    this.#changed()
    await Promise.race([this.#dispatching, aborted.promise])
    // They would wait for strangers; whoever takes them next may do that as well.
    await Promise.all([...this.#preparing].map((held) => this.#handBack(held)))
    while (this.#held.size > 0 && !waiting.signal.aborted) {
      await Promise.race([this.#change(), aborted.promise])
    }
    await Promise.all([...this.#held.values()].map((held) => this.#handBack(held)))
    // The bell may have died with a marker in its hand.
    await link.call(() => Promise.all(lanes.map((lane) => workers.wake(lane)))).catch(() => {})
    await sayGoodbye().catch(() => {})
    this.#closed = true
    clearTimeout(this.#timer)
    aborted.forget()
    cancels.close()
    await workers.close()
    link.close()
  }

  #lookouts(): readonly Lookout[] {
    const { bell, urgentBell, lanes } = this.#deps
    const [urgent] = lanes
    const all = {
      bell,
      lanes: () => this.#order.lanes(),
      hasPlace: () => this.#places.hasForAll(),
    }
    if (urgentBell === null || urgent === undefined) return [all]
    const hasPlace = () => this.#places.hasForUrgent()
    return [all, { bell: urgentBell, lanes: () => [urgent], hasPlace }]
  }

  async #dispatch(lookout: Lookout): Promise<void> {
    while (!this.#closing) {
      this.#lookedAt = this.#deps.clock.monotonic()
      try {
        if (!lookout.hasPlace()) {
          await this.#payMarkers()
          while (!this.#closing && !lookout.hasPlace()) await this.#change()
        } else if (!this.#deps.redisClock.isMeasured) await this.#pause()
        else if (!(await this.#takeOne(lookout))) {
          const lane = await lookout.bell.wait()
          if (lane !== null) this.#owed.add(lane)
        }
      } catch (fault) {
        if (this.#closing) return
        this.#deps.onFault(fault)
        await this.#pause()
      }
    }
  }

  /** False if nothing waits. */
  async #takeOne(lookout: Lookout): Promise<boolean> {
    for (const lane of lookout.lanes()) {
      if (this.#closing) return false
      if (await this.#look(lane)) return true
      this.#order.foundEmpty(lane)
    }
    return false
  }

  /** False if nothing waits in the lane; a job that it found has begun. */
  async #look(lane: Lane): Promise<boolean> {
    try {
      return await this.#places.look(async () => {
        const taken = await this.#deps.workers.take(lane)
        this.#owed.delete(lane)
        if (taken !== null) this.#begin(taken)
        return taken !== null
      })
    } finally {
      this.#changed()
    }
  }

  async #payMarkers(): Promise<void> {
    const owed = [...this.#owed]
    this.#owed.clear()
    await Promise.all(owed.map((lane) => this.#deps.workers.wake(lane)))
  }

  #begin(taken: TakenJob): void {
    const waitedMs = Math.max(0, this.#deps.redisClock.now() - taken.job.timestamp)
    this.#order.took(taken.lane, waitedMs)
    const held = new HeldJob(taken, readEnvelope(taken.job.data), waitedMs)
    this.#held.set(held.id, held)
    void (this.#closing ? this.#handBack(held) : this.#carryOut(held))
  }

  async #carryOut(held: HeldJob): Promise<void> {
    try {
      this.#places.take(held)
      const end = this.#endBeforeBegin(held) ?? (await this.#handle(held))
      const slowdown = this.#deps.concurrency / Math.max(this.#deps.parallelism, this.#places.taken)
      // The place is free now; what follows is Redis's work, not this machine's.
      this.#places.leave(held)
      this.#changed()
      if (held.isHandedBack) return
      const ranMs = Math.max(0, end.ranMs - held.asideMs)
      if (ranMs > 0) this.#meter.note(held.lane, { ranMs, slowdown })
      await endJob({ ...this.#deps, redis: this.#deps.link.redis }, held, end)
      this.#report(held, end)
    } catch (fault) {
      // It is in the active list still and will be found stalled there, by us or by another worker.
      if (!this.#closing) this.#deps.onFault(fault)
    } finally {
      this.#places.leave(held)
      if (this.#held.get(held.id) === held) this.#held.delete(held.id)
      this.#changed()
    }
  }

  #endBeforeBegin({ taken, envelope }: HeldJob): JobEnd | null {
    const { name, deferredFailure } = taken.job
    if (deferredFailure) {
      const fault = new Error('its worker died with it too many times')
      return { outcome: 'set-aside', ranMs: 0, reply: replyOf(name, jobFailed(name, fault)), fault }
    }
    if (envelope === null) {
      return { outcome: 'set-aside', ranMs: 0, fault: new Error('no envelope of ours') }
    }
    return this.#deps.redisClock.now() >= envelope.deadlineAt ? { outcome: 'expired', ranMs: 0 } : null
  }

  async #handle(held: HeldJob): Promise<JobEnd> {
    const { clock, redisClock, handlers } = this.#deps
    const { name } = held.taken.job
    const remainingMs = (held.envelope?.deadlineAt ?? 0) - redisClock.now()
    const expire = () => held.abort(deadlineMissed(name, 1))
    const timer = setTimeout(expire, Math.min(Math.max(0, remainingMs), LONGEST_TIMER_MS))
    let since: number | null = null
    const ranMs = () => (since === null ? 0 : Math.max(0.001, clock.monotonic() - since))
    const { signal } = held
    const stray = new StrayFault({ now: () => clock.monotonic(), signal, onLate: this.#deps.onUnexpected })
    try {
      const handler = Object.hasOwn(handlers, name) ? handlers[name] : undefined
      if (handler === undefined) throw new Error('no handler of this name is registered')
      const payload = await this.#payloadOf(held)
      const prepared = await this.#prepare(held, { handler, payload, stray, remainingMs })
      since = clock.monotonic()
      const stepAside = () => this.#places.stepAside(held)
      const context = { signal, lane: held.lane, stepAside, ...(prepared !== undefined && { prepared }) }
      const handling = runInScope(stray.scope, () => handler(payload, context))
      const result = await Promise.race([handling, stray.thrown])
      if (held.signal.aborted) return { outcome: 'aborted', ranMs: ranMs() }
      return { outcome: 'done', ranMs: ranMs(), reply: { json: jsonOf(result) } }
    } catch (fault) {
      if (held.signal.aborted) return { outcome: 'aborted', ranMs: ranMs() }
      if (fault instanceof AppError) {
        const outcome = fault.code === 'E_OVERLOADED' ? 'overloaded' : 'failed'
        return { outcome, ranMs: ranMs(), reply: replyOf(name, fault) }
      }
      this.#deps.onUnexpected(fault)
      return { outcome: 'set-aside', ranMs: ranMs(), reply: replyOf(name, fault), fault }
    } finally {
      stray.close()
      clearTimeout(timer)
    }
  }

  /** Undefined for a job that waits for nobody; else it has left its place meanwhile, and has one again. */
  async #prepare(held: HeldJob, job: JobToPrepare): Promise<unknown> {
    const { handler, payload, stray, remainingMs } = job
    const context = { signal: held.signal, lane: held.lane, remainingMs }
    const preparing = runInScope(stray.scope, () => handler.prepare?.(payload, context) ?? null)
    if (preparing === null) return undefined
    this.#preparing.add(held)
    this.#places.leave(held)
    this.#changed()
    try {
      const prepared = await Promise.race([preparing, stray.thrown])
      await this.#places.comeBack(held)
      return prepared
    } finally {
      this.#preparing.delete(held)
    }
  }

  async #payloadOf({ id, envelope, taken }: HeldJob): Promise<unknown> {
    if (envelope !== null && 'payload' in envelope) return envelope.payload
    const aside = await this.#deps.link.redis.get(this.#deps.names.payload(id))
    // It outlives the job's deadline, so only a caller who has left took it away.
    if (aside === null) throw deadlineMissed(taken.job.name, 1)
    return JSON.parse(aside)
  }

  async #handBack(held: HeldJob): Promise<void> {
    held.isHandedBack = true
    held.abort(shuttingDown())
    this.#held.delete(held.id)
    this.#changed()
    try {
      await this.#deps.link.call(() => held.taken.job.moveToWait(held.taken.token))
    } catch {
      // Its lock runs out instead.
    }
    this.#report(held, { outcome: 'handed-back', ranMs: 0 })
  }

  /** One beat after the other, also through an outage. */
  async #beatOn(): Promise<void> {
    const { workers, redisClock, names, lanes, concurrency, id, link, cancels } = this.#deps
    const { meanServiceMs, fullLoadServiceMs, completedPerSecond } = this.#meter
    const { redis } = link
    const preparing = countByLane([...this.#preparing])
    const beat = { id, lanes, concurrency, meanServiceMs, fullLoadServiceMs, completedPerSecond, preparing }
    const done = await Promise.allSettled([
      redisClock.measure(() => redis.time()),
      workers.renewLocks([...this.#held.values()].map(({ taken }) => taken)),
      this.#closing ? null : writeBeat(redis, names, beat),
      this.#closing ? null : workers.recoverStalled(),
      cancels.ping(),
    ])
    for (const one of done) {
      if (one.status === 'rejected' && !this.#closed) this.#deps.onFault(one.reason)
    }
    if (!this.#closed) this.#timer = setTimeout(() => void this.#beatOn(), this.#deps.beatMs)
  }

  #report({ taken, waitedMs }: HeldJob, { outcome, ranMs }: JobEnd): void {
    this.#deps.observe({ job: taken.job.name, lane: taken.lane, waitedMs, ranMs, outcome })
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#onChange.push(resolve))
  }

  #changed(): void {
    for (const resolve of this.#onChange.splice(0)) resolve()
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}

function countByLane(jobs: readonly HeldJob[]): Readonly<Partial<Record<Lane, number>>> {
  const byLane = Map.groupBy(jobs, ({ lane }) => lane)
  return Object.fromEntries([...byLane].map(([lane, ones]) => [lane, ones.length]))
}

/** Throws here, where the fault is the handler's, for a result that is no JSON. */
function jsonOf(result: unknown): string {
  return JSON.stringify(result) ?? 'null'
}
