import type { AppError, PictureRef } from '@semblance/core'
import { aHold, openTestRedis, type TestRedis } from '@semblance/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { BullmqJobReport } from './job-report.ts'
import { openRedisPicturesInFlight } from './redis/redis-pictures-in-flight.ts'
import { aQueue, aRequest, echo, PATIENT, STAY } from './testing/a-queue.ts'
import { type StartedProcess, startWorkerProcess } from './testing/start-worker-process.ts'

const trial = await openTestRedis({ own: true })
if ('skipped' in trial) process.stdout.write(`queue-faults.test.ts is skipped: ${trial.skipped}\n`)
else await trial.close()

/** Lets the claims of one test name what they wait for. */
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'answered',
    (fault: unknown) => (fault as AppError).code,
  )

/** The middle one of so many calls, since a machine that runs tests stands still now and then. */
const ASKED = 25
async function medianMs(call: () => Promise<void>): Promise<number> {
  const times: number[] = []
  while (times.length < ASKED) {
    const since = performance.now()
    await call()
    times.push(performance.now() - since)
  }
  return times.toSorted((a, b) => a - b)[ASKED >> 1]!
}

const soon = () => new Promise((resolve) => setTimeout(() => resolve('too late'), 8000).unref())

describe.skipIf('skipped' in trial)('when something dies, the queue over BullMQ', () => {
  let redis: TestRedis
  let queue: ReturnType<typeof aQueue>
  let processes: StartedProcess[] = []
  const startProcess = async () => {
    const started = await startWorkerProcess({ redisUrl: redis.url, prefix: queue.prefix, lockMs: 600 })
    processes.push(started)
    return started
  }
  const open = async (args: readonly string[] = []) => {
    const opened = await openTestRedis({ own: true, args })
    if ('skipped' in opened) throw new Error(opened.skipped)
    redis = opened
    queue = aQueue(redis.url)
  }
  beforeEach(() => open())
  afterEach(async () => {
    redis.resume()
    await Promise.all(processes.map((one) => one.kill()))
    processes = []
    await queue.close()
    await redis.close()
  })

  it('answers callers quickly while Redis is dead, and works again after it', async () => {
    const hold = aHold()
    await queue.worker({ handlers: { echo, ...hold.handlers }, concurrency: 2 })
    const gateway = await queue.gateway()
    const running = codeOf(gateway.run(aRequest({ name: 'hold' }), STAY))
    await hold.begun
    await redis.kill()
    const died = performance.now()
    // The first may still meet the connection's last moment.
    expect(await codeOf(gateway.run(aRequest(), STAY))).toBe('E_QUEUE_UNAVAILABLE')
    const refused = async () =>
      expect(await codeOf(gateway.run(aRequest(), STAY))).toBe('E_QUEUE_UNAVAILABLE')
    expect(await medianMs(refused)).toBeLessThan(100)
    expect(await codeOf(gateway.check())).toBe('E_QUEUE_UNAVAILABLE')
    expect(await codeOf(gateway.load())).toBe('E_QUEUE_UNAVAILABLE')
    expect(await running).toBe('E_QUEUE_UNAVAILABLE')
    expect(performance.now() - died).toBeLessThan(4000)
    hold.end()
    await redis.restart()
    await expect.poll(() => codeOf(gateway.check()), PATIENT).toBe('answered')
    expect(await gateway.run(aRequest({ payload: 'again' }), STAY)).toBe('again')
    await expect.poll(async () => (await gateway.load()).search.active, PATIENT).toBe(0)
  })

  it('answers a caller over a short outage of Redis', async () => {
    const hold = aHold()
    await queue.worker({ handlers: hold.handlers })
    const gateway = await queue.gateway()
    const running = gateway.run(aRequest({ name: 'hold' }), STAY)
    await hold.begun
    await redis.kill()
    await redis.restart()
    hold.end()
    expect(await running).toBe('held')
  })

  it('does not leave a caller waiting whose job Redis has lost', async () => {
    await redis.close()
    await open(['--appendonly', 'no'])
    const gateway = await queue.gateway()
    const lost = codeOf(gateway.run(aRequest({ lane: 'bulk', deadlineMs: 25_000 }), STAY))
    await expect.poll(async () => (await gateway.load()).bulk.waiting, PATIENT).toBe(1)
    await redis.kill()
    await redis.restart()
    expect(await Promise.race([lost, soon()])).toBe('E_QUEUE_UNAVAILABLE')
  })

  it('answers callers soon while Redis says nothing, and works again after it', async () => {
    const worker = await queue.worker({ handlers: { echo } })
    const gateway = await queue.gateway({ answerMs: 500 })
    await expect.poll(() => codeOf(gateway.run(aRequest({ payload: 1 }), STAY)), PATIENT).toBe('answered')
    redis.pause()
    const paused = performance.now()
    expect(await codeOf(gateway.run(aRequest(), STAY))).toBe('E_QUEUE_UNAVAILABLE')
    expect(performance.now() - paused).toBeLessThan(4000)
    const refused = async () =>
      expect(await codeOf(gateway.run(aRequest(), STAY))).toBe('E_QUEUE_UNAVAILABLE')
    expect(await medianMs(refused)).toBeLessThan(100)
    expect(await codeOf(worker.check())).toBe('E_QUEUE_UNAVAILABLE')
    redis.resume()
    await expect.poll(() => codeOf(gateway.check()), PATIENT).toBe('answered')
    await expect.poll(() => codeOf(worker.check()), PATIENT).toBe('answered')
    // A busy machine may not answer within half a second at once.
    await expect.poll(() => codeOf(gateway.run(aRequest({ payload: 2 }), STAY)), PATIENT).toBe('answered')
  })

  it('tells those who wait when Redis falls silent under them', async () => {
    const gateway = await queue.gateway({ answerMs: 700 })
    const waiting = codeOf(gateway.run(aRequest({ lane: 'bulk' }), STAY))
    await expect.poll(async () => (await gateway.load()).bulk.waiting, PATIENT).toBe(1)
    redis.pause()
    expect(await waiting).toBe('E_QUEUE_UNAVAILABLE')
  })

  it('opens without Redis, says so, and begins when it comes', async () => {
    await redis.kill()
    const faults: unknown[] = []
    const onFault = (fault: unknown) => faults.push(fault)
    const [worker, gateway] = await Promise.all([
      queue.worker({ handlers: { echo }, onFault }),
      queue.gateway({ onFault }),
    ])
    expect(await codeOf(worker.check())).toBe('E_QUEUE_UNAVAILABLE')
    expect(await codeOf(gateway.run(aRequest(), STAY))).toBe('E_QUEUE_UNAVAILABLE')
    expect(faults.length).toBeGreaterThan(0)
    await redis.restart()
    await expect.poll(() => codeOf(gateway.check()), PATIENT).toBe('answered')
    expect(await gateway.run(aRequest({ payload: 1 }), STAY)).toBe(1)
  })

  it('is overloaded while Redis is full, and has room again', async () => {
    await redis.close()
    await open(['--maxmemory', '20mb'])
    await queue.worker({ handlers: { echo } })
    const gateway = await queue.gateway()
    const inFlight = { redisUrl: redis.url, prefix: queue.prefix, maxBytes: 1e9, ttlMs: 60_000 }
    const pictures = await openRedisPicturesInFlight(inFlight)
    const refs: PictureRef[] = []
    let refused: unknown = null
    while (refused === null) {
      await pictures.put(new Uint8Array(1_000_000)).then(
        (ref) => refs.push(ref),
        (fault: unknown) => {
          refused = fault
        },
      )
    }
    expect(refused).toMatchObject({ code: 'E_OVERLOADED', retryAfterSeconds: expect.any(Number) })
    expect(refs.length).toBeGreaterThan(5)
    await expect
      .poll(() => codeOf(gateway.run(aRequest({ payload: 'x'.repeat(3_000_000) }), STAY)), PATIENT)
      .toBe('E_OVERLOADED')
    for (const ref of refs) await pictures.drop(ref)
    expect(await gateway.run(aRequest({ payload: 'room' }), STAY)).toBe('room')
    await pictures.close()
  })

  it('runs the job of a killed worker again, and answers its caller', async () => {
    const gateway = await queue.gateway()
    const doomed = await startProcess()
    const asked = gateway.run(aRequest({ name: 'hang', payload: 7 }), STAY)
    await doomed.line('begun hang')
    await queue.worker({ handlers: { hang: async (payload) => ({ again: payload }) } })
    await doomed.kill()
    expect(await asked).toEqual({ again: 7 })
  })

  it('sets a job aside that kills its worker each time, after the bounded tries', async () => {
    const gateway = await queue.gateway()
    let last = await startProcess()
    const request = aRequest({ name: 'poison', deadlineMs: 40_000 })
    const asked = gateway.run(request, STAY).catch((fault: unknown) => fault)
    let deaths = 0
    const settled = asked.then(() => 'settled')
    while ((await Promise.race([last.died.then(() => 'died'), settled])) === 'died') {
      deaths += 1
      expect(deaths).toBeLessThanOrEqual(3)
      last = await startProcess()
    }
    expect(await asked).toMatchObject({ code: 'E_JOB_FAILED', context: { workerDied: 1 } })
    expect(deaths).toBe(3)
    await expect
      .poll(async () => (await gateway.scaling()).search, PATIENT)
      .toMatchObject({ waiting: 0, active: 0, setAside: 1 })
    expect(await gateway.run(aRequest({ payload: 'alive' }), STAY)).toBe('alive')
  }, 60_000)

  it('hands running jobs back on close, for another worker to take at once', async () => {
    const hold = aHold()
    const aborted = Promise.withResolvers<unknown>()
    const reports: BullmqJobReport[] = []
    const leaving = await queue.worker({
      lockMs: 30_000,
      observe: (report) => reports.push(report),
      handlers: {
        hold: (_, { signal }) => {
          signal.addEventListener('abort', () => aborted.resolve(signal.reason))
          return hold.handlers.hold()
        },
      },
    })
    const gateway = await queue.gateway()
    const asked = gateway.run(aRequest({ name: 'hold' }), STAY)
    await hold.begun
    await queue.worker({ handlers: { hold: async () => 'by another' } })
    const patience = new AbortController()
    const closing = leaving.close(patience)
    patience.abort()
    expect(await asked).toBe('by another')
    await closing
    expect(await aborted.promise).toMatchObject({ code: 'E_SHUTTING_DOWN' })
    expect(reports).toMatchObject([{ outcome: 'handed-back' }])
    hold.end()
  })

  it('finishes what runs on close as long as it is let, and takes nothing new', async () => {
    const hold = aHold()
    const leaving = await queue.worker({ handlers: hold.handlers })
    const gateway = await queue.gateway()
    const asked = gateway.run(aRequest({ name: 'hold' }), STAY)
    await hold.begun
    const closing = leaving.close(STAY)
    const next = gateway.run(aRequest({ name: 'note', payload: 'next' }), STAY)
    await expect.poll(async () => (await gateway.load()).search.waiting, PATIENT).toBe(1)
    hold.end()
    expect(await asked).toBe('held')
    await closing
    expect(hold.noted).toEqual([])
    await queue.worker({ handlers: { note: async () => 'noted' } })
    expect(await next).toBe('noted')
  })
})
