import type { JobHandler } from '@semblance/core'
import { openTestRedis } from '@semblance/testkit'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { BullmqJobReport } from './job-report.ts'
import { aQueue, aRequest, echo, PATIENT, STAY } from './testing/a-queue.ts'
import { startGatewayProcess } from './testing/start-worker-process.ts'

const redis = await openTestRedis()
if ('skipped' in redis) process.stdout.write(`dead-gateways.test.ts is skipped: ${redis.skipped}\n`)
const redisUrl = 'skipped' in redis ? '' : redis.url
const LIVES_MS = 1_000
const JOBS = 10

describe.skipIf('skipped' in redis)('the jobs of a gateway that was killed', () => {
  let queue: ReturnType<typeof aQueue>
  beforeEach(() => {
    queue = aQueue(redisUrl)
  })
  afterEach(() => queue.close())
  afterAll(async () => {
    if (!('skipped' in redis)) await redis.close()
  })

  const kill = async (preparesFirst: boolean) => {
    const given = { redisUrl, prefix: queue.prefix, livesMs: LIVES_MS, jobs: JOBS, preparesFirst }
    await (await startGatewayProcess(given)).kill()
    // Longer than it counts as alive, and what was seen of it as new.
    await new Promise((resolve) => setTimeout(resolve, LIVES_MS + 1_000))
  }
  const orphaned = (reports: readonly BullmqJobReport[]) =>
    expect.poll(() => reports.filter(({ outcome }) => outcome === 'orphaned').length, PATIENT).toBe(JOBS)

  it('are dropped when they are taken', async () => {
    const reports: BullmqJobReport[] = []
    const done: string[] = []
    await kill(false)
    const note = async () => done.push('note')
    await queue.worker({ handlers: { note, echo }, observe: (report) => reports.push(report) })
    const gateway = await queue.gateway()
    expect(await gateway.run(aRequest({ lane: 'bulk', payload: 1 }), STAY)).toBe(1)
    await orphaned(reports)
    expect(done).toEqual([])
  })

  it('are dropped once they are prepared', async () => {
    const reports: BullmqJobReport[] = []
    const done: string[] = []
    const fetched = Promise.withResolvers<void>()
    const prepare = async () => {
      await fetched.promise
      return { outcome: 'prepared' as const, prepared: null }
    }
    const note: JobHandler = Object.assign(async () => done.push('note'), { prepare })
    await queue.worker({ handlers: { note }, observe: (report) => reports.push(report) })
    await kill(true)
    fetched.resolve()
    await orphaned(reports)
    expect(done).toEqual([])
  })

  it('are no jobs of one that lives', async () => {
    await queue.worker({ handlers: { echo } })
    const gateway = await queue.gateway({ livesMs: LIVES_MS })
    await new Promise((resolve) => setTimeout(resolve, 2 * LIVES_MS))
    expect(await gateway.run(aRequest({ lane: 'bulk', payload: 3 }), STAY)).toBe(3)
  })
})
