import { randomBytes } from 'node:crypto'
import type { SearchResult } from '@semblance/jobs'
import { type BullmqWorker, openBullmqWorker, type ScalingReport } from '@semblance/queue-bullmq'
import { openTestRedis } from '@semblance/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Answer, type Calls, callsTo } from '../e2e/calls.ts'
import { type GatewayProcess, startGateway } from '../servers/cluster.ts'

const trial = await openTestRedis({ own: true })
if ('skipped' in trial) console.warn(`skipped: refusals of a gateway: ${trial.skipped}`)
else await trial.close()

/** Promised to callers, whatever the reason. The median, since a machine that runs tests stands still now and then. */
const REFUSED_WITHIN_MS = 100
const ASKED = 25
/** Of the search lane: as long as a search takes here, and as long as a caller waits. */
const SERVICE_MS = 1_000
const DEADLINE_MS = 6_000
const noise = randomBytes(60_000)

describe.skipIf('skipped' in trial)('a gateway that cannot serve a search in time', () => {
  let redis: Exclude<Awaited<ReturnType<typeof openTestRedis>>, { readonly skipped: string }>
  let gateway: GatewayProcess
  let worker: BullmqWorker
  let calls: Calls
  let release: () => void
  let begun: Promise<void>
  let begin: () => void
  let ran = 0
  let startWorkerHere: () => Promise<void>

  beforeAll(async () => {
    const opened = await openTestRedis({ own: true })
    if ('skipped' in opened) throw new Error(opened.skipped)
    redis = opened
    const name = `test${process.pid}`
    // The gateway needs neither MongoDB nor Qdrant to hand a search on or to refuse it.
    gateway = await startGateway(
      {
        SEMBLANCE_NAME: name,
        SEMBLANCE_REDIS_URL: redis.url,
        SEMBLANCE_MONGO_URL: 'mongodb://127.0.0.1:9',
        SEMBLANCE_QDRANT_URL: 'http://127.0.0.1:9',
        SEMBLANCE_SEARCH_DEADLINE_MS: String(DEADLINE_MS),
        SEMBLANCE_LOG_LEVEL: 'fatal',
      },
      { readyPath: '/api/healthz' },
    )
    calls = callsTo(gateway)
    const held = Promise.withResolvers<void>()
    release = held.resolve
    const search = async (): Promise<SearchResult> => {
      ran += 1
      if (ran === 1) await new Promise((resolve) => setTimeout(resolve, SERVICE_MS))
      else {
        begin()
        await held.promise
      }
      return { outcome: 'no-face' }
    }
    startWorkerHere = async () => {
      worker = await openBullmqWorker({
        redisUrl: redis.url,
        prefix: name,
        lanes: ['search'],
        handlers: { search },
        concurrency: 1,
        clock: { now: () => Date.now(), monotonic: () => performance.now() },
      })
    }
  })
  beforeEach(() => {
    const { promise, resolve } = Promise.withResolvers<void>()
    ;[begun, begin] = [promise, resolve]
  })
  afterAll(async () => {
    release?.()
    await worker?.close({ signal: AbortSignal.abort() })
    await gateway?.end('SIGKILL')
    await redis?.close()
  })

  async function refusals(): Promise<{ readonly answers: readonly Answer[]; readonly medianMs: number }> {
    const answers: Answer[] = []
    const times: number[] = []
    for (let i = 0; i < ASKED; i++) {
      const since = performance.now()
      answers.push(await calls.search(noise))
      times.push(performance.now() - since)
    }
    return { answers, medianMs: times.toSorted((a, b) => a - b)[ASKED >> 1]! }
  }

  function expectRefused(answers: readonly Answer[], type: string): void {
    for (const { status, json, headers } of answers) {
      expect([status, json.type]).toEqual([503, type])
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    }
  }

  it('answers 503 with Retry-After within 100 ms when no worker is there, and says so to whoever looks', async () => {
    const { answers, medianMs } = await refusals()
    expectRefused(answers, 'E_NO_WORKER')
    expect(medianMs).toBeLessThan(REFUSED_WITHIN_MS)
    const readyz = await fetch(`${gateway.url}/api/readyz`)
    expect([readyz.status, await readyz.text()]).toEqual([400, ''])
    expect(readyz.headers.get('x-semblance-missing')?.split(', ')).toContain('workers')
    const probe = await fetch(`${gateway.opsUrl}/readyz`)
    expect(probe.status).toBe(503)
    const reasons = await probe.text()
    expect(reasons).toContain('not ready: workers: no worker serves lane search')
    expect(reasons).toContain('not ready: mongo: the person store is unavailable')
    const scaling = async () => (await fetch(`${gateway.opsUrl}/ops/scaling`)).json()
    await expect
      .poll(scaling, { timeout: 5_000 })
      .toMatchObject({ search: { workers: 0, estimatedWaitMs: null, unservedJobs: ASKED } })
    const metrics = await (await fetch(`${gateway.opsUrl}/metrics`)).text()
    for (const line of [
      'semblance_queue_estimated_wait_seconds{lane="search"} +Inf',
      `semblance_queue_unserved_jobs{lane="search"} ${ASKED}`,
      'semblance_dependency_up{name="workers"} 0',
      'semblance_dependency_up{name="mongo"} 0',
      'semblance_dependency_up{name="redis"} 1',
      'semblance_index_descriptors Nan',
    ]) {
      expect(metrics).toContain(`${line}\n`)
    }
    await startWorkerHere()
    await expect.poll(async () => (await calls.search(noise)).status, { timeout: 20_000 }).toBe(200)
    ran = 0
  })

  it('answers 503 with Retry-After within 100 ms when the wait would be longer than its deadline', async () => {
    expect((await calls.search(noise)).status).toBe(200)
    const scaling = async () => {
      const { search } = (await (await fetch(`${gateway.opsUrl}/ops/scaling`)).json()) as ScalingReport
      return search
    }
    // A timer may end a moment early.
    await expect
      .poll(async () => (await scaling()).fullLoadServiceMs, { timeout: 10_000 })
      .toBeGreaterThan(0.9 * SERVICE_MS)
    const running = calls.search(noise)
    await begun
    const waiting = Array.from({ length: 12 }, () => calls.search(noise))
    // Jobs on their way to Redis may count twice for a moment, so that fewer of these are let in than there is time for.
    const estimate = async () => {
      waiting.push(calls.search(noise))
      const { estimatedWaitMs, fullLoadServiceMs } = await scaling()
      return (estimatedWaitMs ?? 0) + fullLoadServiceMs
    }
    await expect.poll(estimate).toBeGreaterThan(DEADLINE_MS)
    const { answers, medianMs } = await refusals()
    expectRefused(answers, 'E_OVERLOADED')
    expect(medianMs).toBeLessThan(REFUSED_WITHIN_MS)
    release()
    expect((await running).status).toBe(200)
    const statuses = new Set((await Promise.all(waiting)).map(({ status }) => status))
    expect(statuses).toEqual(new Set([200, 503]))
  })

  it('answers 503 with Retry-After within 100 ms when Redis is away, and serves again once it is back', async () => {
    await redis.kill()
    const { answers, medianMs } = await refusals()
    expectRefused(answers, 'E_QUEUE_UNAVAILABLE')
    expect(medianMs).toBeLessThan(REFUSED_WITHIN_MS)
    await redis.restart()
    await expect.poll(async () => (await calls.search(noise)).status, { timeout: 20_000 }).toBe(200)
  })

  it('answers 503 with Retry-After within 100 ms once Redis is known to be silent', async () => {
    redis.pause()
    try {
      // Whoever finds it out waits for a second.
      expectRefused([await calls.search(noise)], 'E_QUEUE_UNAVAILABLE')
      const { answers, medianMs } = await refusals()
      expectRefused(answers, 'E_QUEUE_UNAVAILABLE')
      expect(medianMs).toBeLessThan(REFUSED_WITHIN_MS)
    } finally {
      redis.resume()
    }
    await expect.poll(async () => (await calls.search(noise)).status, { timeout: 20_000 }).toBe(200)
  })
})
