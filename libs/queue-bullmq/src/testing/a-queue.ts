import { randomUUID } from 'node:crypto'
import { type JobRequest, LANES } from '@semblance/core'
import { type BullmqWorkerOptions, openBullmqWorker } from '../consumer/open-bullmq-worker.ts'
import { type BullmqJobQueueOptions, openBullmqJobQueue } from '../producer/open-bullmq-job-queue.ts'

export const TEST_CLOCK = { now: () => Date.now(), monotonic: () => performance.now() }
/** Options for `expect.poll` on a busy machine. */
export const PATIENT = { timeout: 10_000 }
export const STAY: { readonly signal: AbortSignal } = { signal: new AbortController().signal }

/** Opens gateways and workers of a queue of its own. `close` ends all of them. */
export function aQueue(redisUrl: string) {
  const prefix = `test-${randomUUID()}`
  const opened: { close(waiting: { readonly signal: AbortSignal }): Promise<void> }[] = []
  const keep = <T extends (typeof opened)[number]>(one: T): T => {
    opened.push(one)
    return one
  }
  return {
    prefix,
    /** The prefix of the keys of this queue. */
    tag: `{${prefix}}`,
    gateway: async (given: Partial<BullmqJobQueueOptions> = {}) =>
      keep(await openBullmqJobQueue({ redisUrl, prefix, gatewayId: 'g', clock: TEST_CLOCK, ...given })),
    worker: async (given: Partial<BullmqWorkerOptions> = {}) => {
      const preset = { redisUrl, prefix, lanes: LANES, handlers: {}, concurrency: 1, clock: TEST_CLOCK }
      return keep(await openBullmqWorker({ ...preset, lockMs: 600, ...given }))
    },
    close: async () => {
      const aborted = { signal: AbortSignal.abort() }
      await Promise.all(opened.map((one) => one.close(aborted)))
    },
  }
}

export function aRequest(given: Partial<JobRequest> = {}): JobRequest {
  return { name: 'echo', lane: 'search', payload: null, deadlineMs: 20_000, ...given }
}

export const echo = async (payload: unknown) => payload
