import type { Lane } from '@semblance/core'
import { type LaneKeys, laneKeys } from './bullmq-internals.ts'

/**
 * Every key of the queue. All share one hash tag, `{prefix}`, so that a script may touch several of them on a Redis
 * that splits its keys among nodes.
 */
export interface QueueNames {
  /** What BullMQ puts before each of its keys. */
  readonly bullPrefix: string
  /** BullMQ's own keys. */
  bull(lane: Lane): LaneKeys
  /** The stream of the answers for one gateway process. */
  replies(gateway: string): string
  /** It is there while this gateway process gives signs of life. */
  gateway(gateway: string): string
  /** The pub/sub channel with the ids of running jobs that nobody waits for any more, or that are to end `unlessBegun`. */
  readonly cancel: string
  /** The hash with what each worker last told of itself. */
  readonly workers: string
  /** The hash with the time at which a worker of each lane last told of itself. */
  readonly served: string
  /** The count of jobs that were refused of late because no worker serves the lane. */
  refused(lane: Lane): string
  /** A payload too long for the job itself. */
  payload(jobId: string): string
}

/**
 * The end of the id of a job that first waits for another server. The queue tells such jobs from others by it alone, so
 * that no count of them becomes wrong when a process dies.
 */
export const PREPARES_FIRST = '.prepares-first'

export function jobIdOf(job: {
  readonly gateway: string
  readonly number: number
  readonly preparesFirst: boolean
}): string {
  return `${job.gateway}-${job.number}${job.preparesFirst ? PREPARES_FIRST : ''}`
}

/** True if the job with this id first waits for another server. */
export function preparesFirst(jobId: string): boolean {
  return jobId.endsWith(PREPARES_FIRST)
}

const UNLESS_BEGUN = 'unless-begun:'

/** What tells the worker that has this job to end it, unless it has a place. An older worker knows no job of this name. */
export function unlessBegun(jobId: string): string {
  return `${UNLESS_BEGUN}${jobId}`
}

/** The id of the job that is to end unless it has begun; null for a message that says no such thing. */
export function withdrawnJob(message: string): string | null {
  return message.startsWith(UNLESS_BEGUN) ? message.slice(UNLESS_BEGUN.length) : null
}

export function queueNames(prefix: string): QueueNames {
  const tag = `{${prefix}}`
  return {
    bullPrefix: tag,
    bull: (lane) => laneKeys(tag, lane),
    replies: (gateway) => `${tag}:replies:${gateway}`,
    gateway: (gateway) => `${tag}:gateway:${gateway}`,
    cancel: `${tag}:cancel`,
    workers: `${tag}:workers`,
    served: `${tag}:served`,
    refused: (lane) => `${tag}:refused:${lane}`,
    payload: (jobId) => `${tag}:payload:${jobId}`,
  }
}
