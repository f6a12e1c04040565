import { describeJobQueueContract } from '@semblance/testkit'
import { createInProcessJobQueue } from './in-process-job-queue.ts'

const clock = { now: () => Date.now(), monotonic: () => performance.now() }

describeJobQueueContract('InProcessJobQueue', async ({ handlers, concurrency, reserved, limit }) => {
  const lanes = { search: { limit }, enroll: { limit }, bulk: { limit } }
  const queue = createInProcessJobQueue({ handlers, lanes, concurrency, reserved, clock })
  return { queue, close: () => queue.close({ signal: AbortSignal.abort() }) }
})
