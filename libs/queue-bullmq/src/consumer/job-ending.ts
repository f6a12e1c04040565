import { AppError, jobFailed } from '@semblance/core'
import { UnrecoverableError } from 'bullmq'
import type { Redis } from 'ioredis'
import { isNoLongerOurs } from '../bullmq-internals.ts'
import { type JobReply, writeReply } from '../job-reply.ts'
import type { BullmqJobOutcome } from '../job-report.ts'
import type { QueueNames } from '../queue-names.ts'
import type { RedisClock } from '../redis/redis-clock.ts'
import { translateRedisFault } from '../redis/redis-faults.ts'
import type { ActiveJob } from './active-job.ts'

/** How a job ended here. It has a `fault` only if it is set aside. */
export interface JobEnd {
  readonly outcome: BullmqJobOutcome
  readonly ranMs: number
  /** Left out if nobody waits for an answer. */
  readonly reply?: JobReply['end']
  readonly fault?: unknown
}

export interface JobEndingDeps {
  readonly redis: Redis
  readonly names: QueueNames
  readonly redisClock: RedisClock
}

/** The stream of answers of a gateway expires so long after the last one: by then the gateway is dead. */
const REPLIES_LIVE_MS = 60_000
/** A gateway deletes the answers that it has read. This bound keeps one that reads nothing from filling Redis. */
const MOST_REPLIES = 10_000
const RETRY_MS = 200
const TRIES_TO_FINISH = 50
const LONGEST_REASON = 300

/** Sends the answer, then the end of the job. If the process dies in between, the job runs and is answered again. */
export async function endJob(deps: JobEndingDeps, held: ActiveJob, end: JobEnd): Promise<void> {
  const replied = end.reply === undefined ? null : sendReply(deps, held, { ...end, reply: end.reply })
  const finished = finish(held, end)
  await Promise.all([replied, finished])
  if (held.envelope !== null && !('payload' in held.envelope)) {
    await deps.redis.unlink(deps.names.payload(held.id))
  }
}

/** The text that the queue keeps of a handler's fault. It has no cause and no stack. */
function reasonOf(fault: unknown): string {
  const text = fault instanceof Error ? `${fault.name}: ${fault.message}` : 'a fault that is no error'
  return text.slice(0, LONGEST_REASON)
}

/** The error that the caller is told of a handler's fault. */
export function replyOf(job: string, fault: unknown): { readonly error: AppError } {
  return { error: fault instanceof AppError ? fault : jobFailed(job, fault) }
}

async function sendReply(
  deps: JobEndingDeps,
  held: ActiveJob,
  end: JobEnd & { readonly reply: JobReply['end'] },
): Promise<void> {
  if (held.envelope === null) return
  const { replyTo, deadlineAt } = held.envelope
  const key = deps.names.replies(replyTo)
  const reply = { jobId: held.id, waitedMs: held.waitedMs, ranMs: end.ranMs, end: end.reply }
  const fields = writeReply(reply)
  const send = async () => {
    const sent = await deps.redis
      .pipeline()
      .xadd(key, 'MAXLEN', '~', MOST_REPLIES, '*', ...fields)
      .pexpire(key, REPLIES_LIVE_MS)
      .exec()
    for (const [fault] of sent ?? []) if (fault !== null) throw fault
  }
  await retry(send, () => deps.redisClock.now() < deadlineAt)
}

async function finish(held: ActiveJob, end: JobEnd): Promise<void> {
  const { job, token } = held.taken
  let tries = 0
  const finishOnce = async () => {
    tries += 1
    if (end.outcome !== 'set-aside') await job.moveToCompleted(null, token, false)
    else {
      const reason = new UnrecoverableError(reasonOf(end.fault))
      reason.stack = reason.message
      await job.moveToFailed(reason, token, false)
    }
  }
  await retry(finishOnce, () => tries < TRIES_TO_FINISH)
}

/** Tries again while Redis is full or away. It gives up on a job that is no longer this worker's to end. */
async function retry(carryOut: () => Promise<void>, isWorthIt: () => boolean): Promise<void> {
  for (;;) {
    try {
      return await carryOut()
    } catch (fault) {
      if (isNoLongerOurs(fault)) return
      const isPassing = translateRedisFault(fault) instanceof AppError
      if (!isPassing || !isWorthIt()) throw fault
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }
}
