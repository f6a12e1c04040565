import { aHold, openTestRedis, skipSuite } from '@semblance/testkit'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { BullmqJobReport } from './job-report.ts'
import { aQueue, aRequest, echo, PATIENT, STAY } from './testing/a-queue.ts'
import { startWorkerProcess } from './testing/start-worker-process.ts'

const redis = await openTestRedis()
const redisUrl = 'skipped' in redis ? '' : redis.url
if ('skipped' in redis) skipSuite('the queue without workers', redis)

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'answered',
    (fault: { readonly code?: string }) => fault.code,
  )

describe.skipIf('skipped' in redis)('while no worker serves a lane, the queue over BullMQ', () => {
  let queue: ReturnType<typeof aQueue>
  beforeEach(() => {
    queue = aQueue(redisUrl)
  })
  afterEach(() => queue.close())
  afterAll(async () => {
    if (!('skipped' in redis)) await redis.close()
  })

  it('refuses at once whoever waits, and says that a worker is wanted until there is one', async () => {
    const reports: BullmqJobReport[] = []
    const gateway = await queue.gateway({ observe: (report) => reports.push(report) })
    const error = await gateway.run(aRequest(), STAY).catch((fault: unknown) => fault)
    expect(error).toMatchObject({ code: 'E_NO_WORKER', retryable: true, retryAfterSeconds: 5 })
    expect((error as Error).message).toContain('search')
    expect(await codeOf(gateway.run(aRequest({ lane: 'enroll' }), STAY))).toBe('E_NO_WORKER')
    expect(reports.map(({ outcome }) => outcome)).toEqual(['no-worker', 'no-worker'])
    expect(await codeOf(gateway.checkWorkers('search'))).toBe('E_NO_WORKER')
    await expect
      .poll(() => gateway.scaling(), PATIENT)
      .toMatchObject({
        search: { workers: 0, estimatedWaitMs: null, unservedMs: null, unservedJobs: 1 },
        enroll: { unservedJobs: 1 },
        bulk: { unservedJobs: 0 },
      })
    await queue.worker({ handlers: { echo } })
    await expect.poll(() => codeOf(gateway.run(aRequest(), STAY)), PATIENT).toBe('answered')
    expect(await codeOf(gateway.checkWorkers('search'))).toBe('answered')
    const { search } = await gateway.scaling()
    expect(search).toMatchObject({ workers: 1, estimatedWaitMs: 0, unservedMs: 0, unservedJobs: 0 })
  })

  it('knows which lanes are served', async () => {
    await queue.worker({ handlers: { echo }, lanes: ['search'] })
    const gateway = await queue.gateway()
    const answers = (['search', 'enroll'] as const).map((lane) => gateway.run(aRequest({ lane }), STAY))
    expect(await Promise.all(answers.map(codeOf))).toEqual(['answered', 'E_NO_WORKER'])
  })

  it('keeps bulk jobs for the first worker', async () => {
    const gateway = await queue.gateway()
    const kept = gateway.run(aRequest({ lane: 'bulk', payload: 'kept' }), STAY)
    await expect.poll(() => gateway.scaling(), PATIENT).toMatchObject({ bulk: { unservedJobs: 1 } })
    // By it an import tells what it waits for.
    expect(await gateway.load()).toMatchObject({ bulk: { workers: 0 } })
    await queue.worker({ handlers: { echo } })
    expect(await kept).toBe('kept')
  })

  it('keeps every job for a worker that is restarted', async () => {
    const leaving = await queue.worker({ handlers: { echo } })
    const gateway = await queue.gateway()
    expect(await gateway.run(aRequest({ payload: 1 }), STAY)).toBe(1)
    await leaving.close(STAY)
    const kept = gateway.run(aRequest({ payload: 2 }), STAY)
    await expect.poll(() => gateway.scaling(), PATIENT).toMatchObject({ search: { waiting: 1, workers: 0 } })
    expect(await codeOf(gateway.checkWorkers('search'))).toBe('answered')
    await queue.worker({ handlers: { echo } })
    expect(await kept).toBe(2)
  })

  it('tells those who wait when the last worker died without a word, long before their deadline', async () => {
    const worker = await startWorkerProcess({ redisUrl, prefix: queue.prefix, lockMs: 600 })
    const gateway = await queue.gateway()
    const running = codeOf(gateway.run(aRequest({ name: 'hang' }), STAY))
    await worker.line('begun hang')
    await worker.kill()
    const died = performance.now()
    const waiting = codeOf(gateway.run(aRequest(), STAY))
    const patient = gateway.run(aRequest({ lane: 'bulk', payload: 'patient' }), STAY)
    expect(await Promise.all([running, waiting])).toEqual(['E_NO_WORKER', 'E_NO_WORKER'])
    // Five seconds of silence, and a look each second; the deadline is 20 s.
    expect(performance.now() - died).toBeLessThan(10_000)
    const since = performance.now()
    expect(await codeOf(gateway.run(aRequest(), STAY))).toBe('E_NO_WORKER')
    expect(performance.now() - since).toBeLessThan(1_000)
    const { search } = await gateway.scaling()
    expect(search).toMatchObject({ waiting: 0, active: 0, workers: 0, setAside: 0 })
    await queue.worker({ handlers: { echo } })
    expect(await patient).toBe('patient')
  }, 30_000)

  it('leaves to a worker that is told to stop what it has begun', async () => {
    const hold = aHold()
    const leaving = await queue.worker({ handlers: hold.handlers })
    const gateway = await queue.gateway()
    const running = gateway.run(aRequest({ name: 'hold' }), STAY)
    await hold.begun
    const closing = leaving.close(STAY)
    const waiting = codeOf(gateway.run(aRequest(), STAY))
    expect(await waiting).toBe('E_NO_WORKER')
    hold.end()
    expect(await running).toBe('held')
    await closing
  }, 30_000)
})
