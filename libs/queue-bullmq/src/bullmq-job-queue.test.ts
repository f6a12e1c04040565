import { deadlineMissed, type JobHandler } from '@semblance/core'
import { aHold, openTestRedis } from '@semblance/testkit'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { MAX_ENVELOPE_BYTES } from './job-envelope.ts'
import type { BullmqJobReport } from './job-report.ts'
import { aQueue, aRequest, echo, PATIENT, STAY, TEST_CLOCK } from './testing/a-queue.ts'
import { startWorkerProcess } from './testing/start-worker-process.ts'

const redis = await openTestRedis()
if ('skipped' in redis) process.stdout.write(`bullmq-job-queue.test.ts is skipped: ${redis.skipped}\n`)
const redisUrl = 'skipped' in redis ? '' : redis.url

describe.skipIf('skipped' in redis)('the queue over BullMQ', () => {
  let hand: Redis
  let queue: ReturnType<typeof aQueue>
  beforeEach(() => {
    hand = new Redis(redisUrl)
    queue = aQueue(redisUrl)
  })
  afterEach(async () => {
    await queue.close()
    hand.disconnect()
  })
  afterAll(async () => {
    if (!('skipped' in redis)) await redis.close()
  })
  const keys = (rest: string) => hand.keys(`${queue.tag}:${rest}`)

  it('answers each of two gateways of one name with what it asked', async () => {
    await queue.worker({ handlers: { echo }, concurrency: 4 })
    const gateways = [await queue.gateway(), await queue.gateway()]
    const asked = gateways.flatMap((gateway, g) =>
      Array.from({ length: 40 }, (_, i) => gateway.run(aRequest({ payload: `${g}-${i}` }), STAY)),
    )
    const expected = gateways.flatMap((_, g) => Array.from({ length: 40 }, (_, i) => `${g}-${i}`))
    expect(await Promise.all(asked)).toEqual(expected)
    const streams = await keys('replies:*')
    expect(streams).toHaveLength(2)
    for (const stream of streams) {
      // Read answers are deleted, and the stream of a gateway that is gone goes, too.
      await expect.poll(() => hand.xlen(stream), PATIENT).toBe(0)
      expect(await hand.pttl(stream)).toBeGreaterThan(0)
    }
  })

  it('keeps a long payload out of the job, and leaves nothing of it behind', async () => {
    const hold = aHold()
    await queue.worker({ handlers: { echo, ...hold.handlers } })
    const gateway = await queue.gateway()
    const holding = gateway.run(aRequest({ name: 'hold' }), STAY)
    await hold.begun
    const payload = Array.from({ length: 20_000 }, (_, i) => `name-${i}`)
    const answer = gateway.run(aRequest({ payload }), STAY)
    await expect.poll(() => hand.llen(`${queue.tag}:search:wait`), PATIENT).toBe(1)
    const [jobId] = await hand.lrange(`${queue.tag}:search:wait`, '0', '-1')
    expect((await hand.hget(`${queue.tag}:search:${jobId}`, 'data'))!.length).toBeLessThan(MAX_ENVELOPE_BYTES)
    hold.end()
    expect(await answer).toEqual(payload)
    await holding
    await expect.poll(() => keys('payload:*'), PATIENT).toEqual([])
    await expect.poll(() => keys(`search:${jobId}`), PATIENT).toEqual([])
  })

  it('hands back a result of megabytes', async () => {
    await queue.worker({ handlers: { crop: async () => 'x'.repeat(3_000_000) } })
    const gateway = await queue.gateway()
    expect(await gateway.run(aRequest({ name: 'crop' }), STAY)).toHaveLength(3_000_000)
  })

  it('tells a running job that its caller has left', async () => {
    const begun = Promise.withResolvers<void>()
    const reports: BullmqJobReport[] = []
    const work = (_: unknown, { signal }: { readonly signal: AbortSignal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
        begun.resolve()
      })
    await queue.worker({ handlers: { work }, observe: (report) => reports.push(report) })
    const gateway = await queue.gateway()
    const leaving = new AbortController()
    const reason = new Error('the caller left')
    const left = expect(gateway.run(aRequest({ name: 'work' }), leaving)).rejects.toBe(reason)
    await begun.promise
    leaving.abort(reason)
    await left
    await expect.poll(() => reports.map(({ outcome }) => outcome), PATIENT).toEqual(['aborted'])
    expect((await gateway.scaling()).search.setAside).toBe(0)
  })

  it('does not take for work what a job spends aside', async () => {
    const waitAside: JobHandler = async (_, { stepAside }) => {
      const comeBack = stepAside?.()
      await new Promise((resolve) => setTimeout(resolve, 800))
      comeBack?.()
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await queue.worker({ handlers: { waitAside } })
    const gateway = await queue.gateway()
    await gateway.run(aRequest({ name: 'waitAside' }), STAY)
    const meanMs = async () => (await gateway.scaling()).search.meanServiceMs
    await expect.poll(meanMs, PATIENT).toBeGreaterThan(0)
    expect(await meanMs()).toBeLessThan(400)
  })

  it('refuses at once what would wait beyond its deadline', async () => {
    const hold = aHold()
    const slow = () => new Promise((resolve) => setTimeout(resolve, 300))
    await queue.worker({ handlers: { slow, ...hold.handlers } })
    const gateway = await queue.gateway()
    await gateway.run(aRequest({ name: 'slow' }), STAY)
    await expect
      .poll(async () => (await gateway.scaling()).search.meanServiceMs, PATIENT)
      .toBeGreaterThan(250)
    const holding = gateway.run(aRequest({ name: 'hold' }), STAY)
    await hold.begun
    const waiting = Array.from({ length: 10 }, () => gateway.run(aRequest({ name: 'note' }), STAY))
    await expect.poll(async () => (await gateway.scaling()).search.waiting, PATIENT).toBe(10)
    const since = performance.now()
    const error = await gateway.run(aRequest({ deadlineMs: 2000 }), STAY).catch((fault: unknown) => fault)
    expect(error).toMatchObject({ code: 'E_OVERLOADED', retryAfterSeconds: expect.any(Number) })
    expect((error as { retryAfterSeconds: number }).retryAfterSeconds).toBeGreaterThanOrEqual(3)
    expect(performance.now() - since).toBeLessThan(1000)
    expect((await gateway.scaling()).search.estimatedWaitMs).toBeGreaterThan(3000)
    hold.end()
    await Promise.all([holding, ...waiting])
  })

  it('reports each lane for autoscalers, and what is set aside', async () => {
    const hold = aHold()
    const fail = () => Promise.reject(new TypeError('a bug'))
    const refuse = () => Promise.reject(deadlineMissed('the engine', 1))
    await queue.worker({
      handlers: { fail, refuse, ...hold.handlers },
      concurrency: 2,
      lanes: ['enroll', 'search'],
    })
    const gateway = await queue.gateway()
    for (const name of ['fail', 'refuse', 'unheard-of']) {
      await gateway.run(aRequest({ name, lane: 'enroll' }), STAY).catch(() => {})
    }
    const holding = gateway.run(aRequest({ name: 'hold' }), STAY)
    await hold.begun
    void gateway.run(aRequest({ lane: 'bulk' }), STAY).catch(() => {})
    await expect.poll(async () => (await gateway.scaling()).bulk.oldestWaitingMs, PATIENT).toBeGreaterThan(20)
    await expect
      .poll(async () => (await gateway.scaling()).enroll.completedPerSecond, PATIENT)
      .toBeGreaterThan(0)
    const { search, enroll, bulk } = await gateway.scaling()
    expect(search).toMatchObject({ waiting: 0, active: 1, workers: 1, concurrency: 2, setAside: 0 })
    expect(enroll).toMatchObject({ waiting: 0, active: 0, workers: 1, concurrency: 2, setAside: 2 })
    expect(search).toMatchObject({ unservedMs: 0, unservedJobs: 0 })
    expect(bulk).toMatchObject({ waiting: 1, active: 0, workers: 0, concurrency: 0 })
    expect(bulk).toMatchObject({ estimatedWaitMs: null, unservedMs: null, unservedJobs: 1 })
    hold.end()
    await holding
    const failed = await hand.zrange(`${queue.tag}:enroll:failed`, '0', '-1')
    const reasons = await Promise.all(
      failed.map((id) => hand.hget(`${queue.tag}:enroll:${id}`, 'failedReason')),
    )
    expect(reasons.toSorted()).toEqual(['Error: no handler of this name is registered', 'TypeError: a bug'])
  })

  it.each([
    120_000, -120_000,
  ])('goes by the clock of Redis alone, with ours wrong by %d ms', async (skewMs) => {
    const skewed = { redisUrl, prefix: queue.prefix, lockMs: 600, skewMs: -skewMs }
    const worker = await startWorkerProcess(skewed)
    onTestFinished(() => worker.kill())
    const clock = { now: () => Date.now() + skewMs, monotonic: () => performance.now() + 1e7 }
    const gateway = await queue.gateway({ clock })
    expect(await gateway.run(aRequest({ payload: 1, deadlineMs: 2000 }), STAY)).toBe(1)
    await expect(gateway.run(aRequest({ name: 'hang', deadlineMs: 400 }), STAY)).rejects.toMatchObject({
      code: 'E_DEADLINE',
    })
    await worker.kill()
    const left = new AbortController()
    const waiting = gateway.run(aRequest({ deadlineMs: 5000 }), left).catch(() => {})
    await expect.poll(async () => (await gateway.scaling()).search.waiting, PATIENT).toBe(1)
    expect((await gateway.scaling()).search.oldestWaitingMs).toBeLessThan(5000)
    left.abort(new Error('the caller left'))
    await waiting
  })

  it('drops when it is taken what nobody waits for, though its gateway died', async () => {
    const reports: BullmqJobReport[] = []
    const orphan = { replyTo: 'gone', deadlineAt: TEST_CLOCK.now() - 1, payload: 'orphan' }
    const gateway = await queue.gateway()
    const { Queue } = await import('bullmq')
    const raw = new Queue('search', { connection: { url: redisUrl }, prefix: queue.tag })
    await raw.add('echo', orphan, { jobId: 'orphan-1', removeOnComplete: true })
    await raw.close()
    await queue.worker({ handlers: { echo }, observe: (report) => reports.push(report) })
    expect(await gateway.run(aRequest({ payload: 2 }), STAY)).toBe(2)
    expect(reports[0]).toMatchObject({ outcome: 'expired', ranMs: 0 })
  })
})
