import { randomUUID } from 'node:crypto'
import { LANES } from '@semblance/core'
import { describeJobQueueContract, openTestRedis, skipSuite } from '@semblance/testkit'
import { afterAll } from 'vitest'
import { openBullmqJobQueue, openBullmqWorker } from './index.ts'

const clock = { now: () => Date.now(), monotonic: () => performance.now() }
const redis = await openTestRedis()

if ('skipped' in redis) skipSuite('the JobQueue contract over Redis', redis)
else {
  afterAll(() => redis.close())
  describeJobQueueContract('the queue over BullMQ', async ({ handlers, concurrency, reserved, limit }) => {
    const setup = { redisUrl: redis.url, prefix: `test-${randomUUID()}`, clock }
    const limits = { search: limit, enroll: limit, bulk: limit }
    const worker = await openBullmqWorker({ ...setup, lanes: LANES, handlers, concurrency, reserved })
    const queue = await openBullmqJobQueue({ ...setup, gatewayId: 'gateway', limits })
    const aborted = { signal: AbortSignal.abort() }
    return {
      queue,
      close: async () => {
        await queue.close(aborted)
        await worker.close(aborted)
      },
    }
  })
}
