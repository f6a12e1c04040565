import type { JobHandler, JobQueue, Lane } from '@semblance/core'
import { aClock, aHold, aJob, type TestClock } from '@semblance/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createInProcessJobQueue, type JobReport } from './in-process-job-queue.ts'

const STAY = { signal: new AbortController().signal }

let clock: TestClock
let reports: JobReport[]
beforeEach(() => {
  vi.useFakeTimers()
  clock = aClock()
  reports = []
})
afterEach(() => void vi.useRealTimers())

function openQueue(handlers: Record<string, JobHandler>, concurrency = 1): JobQueue {
  const observe = (report: JobReport) => void reports.push(report)
  return createInProcessJobQueue({ handlers, concurrency, clock, observe })
}

/** Jobs whose ends the test decides, in the order in which they began. */
function aWorkshop() {
  const open: { readonly end: () => void; readonly signal: AbortSignal }[] = []
  const work: JobHandler = (_, { signal }) =>
    new Promise((resolve) => void open.push({ end: () => resolve('done'), signal }))
  return { open, handlers: { work } }
}

async function pass(ms: number): Promise<void> {
  clock.advance(ms)
  await vi.advanceTimersByTimeAsync(ms)
}

const faultOf = (job: Promise<unknown>) => job.catch((error: unknown) => error)

describe('a burst on an idle queue', () => {
  it('is let in as far as the machine gets on with it in time, whatever the places', async () => {
    const shop = aWorkshop()
    const queue = createInProcessJobQueue({ handlers: shop.handlers, concurrency: 4, parallelism: 1, clock })
    const alone = queue.run(aJob('work'), STAY)
    await pass(100)
    shop.open[0]?.end()
    await alone
    const job = { ...aJob('work'), deadlineMs: 1000 }
    const faults = Array.from({ length: 4 + 7 }, () => faultOf(queue.run(job, STAY)))
    const { search } = await queue.load()
    expect(search).toMatchObject({ active: 4, waiting: 6 })
    expect(await faults.at(-1)).toMatchObject({ code: 'E_OVERLOADED', retryAfterSeconds: 1 })
    await queue.close({ signal: AbortSignal.abort() })
    await Promise.all(faults)
  })
})

describe('a job that steps aside', () => {
  it('gives its place to the next until it comes back, and the lane takes no more than its limit of such', async () => {
    const shop = aWorkshop()
    const comeBack: (() => void)[] = []
    const large: JobHandler = (payload, context) => {
      comeBack.push(context.stepAside?.() ?? (() => {}))
      return shop.handlers.work(payload, context)
    }
    const handlers = { ...shop.handlers, large }
    const lanes = { search: { limit: 2 } }
    const queue = createInProcessJobQueue({ handlers, concurrency: 1, lanes, clock })
    const aside = [queue.run(aJob('large'), STAY), queue.run(aJob('large'), STAY)]
    expect(shop.open).toHaveLength(2)
    expect(await faultOf(queue.run(aJob('work'), STAY))).toMatchObject({ code: 'E_OVERLOADED' })
    shop.open[0]?.end()
    await aside[0]
    comeBack[1]?.()
    const next = queue.run(aJob('work'), STAY)
    expect(shop.open).toHaveLength(2)
    shop.open[1]?.end()
    await aside[1]
    await pass(0)
    shop.open[2]?.end()
    expect(await next).toBe('done')
  })
})

describe('a job that ends aside', () => {
  it('has worked only until then, for estimates of waits', async () => {
    const shop = aWorkshop()
    const aside: JobHandler = (payload, context) => {
      context.stepAside?.()
      return shop.handlers.work(payload, context)
    }
    const queue = openQueue({ ...shop.handlers, aside })
    const waited = queue.run(aJob('aside'), STAY)
    await pass(9000)
    shop.open[0]?.end()
    await waited
    const running = queue.run(aJob('work'), STAY)
    // It would be refused if such jobs took nine seconds.
    const next = queue.run({ ...aJob('work'), deadlineMs: 1000 }, STAY)
    shop.open[1]?.end()
    await running
    await pass(0)
    shop.open[2]?.end()
    expect(await next).toBe('done')
  })
})

describe('a running job past its deadline', () => {
  it('keeps its place until its handler ends, while its caller is answered', async () => {
    const shop = aWorkshop()
    const queue = openQueue(shop.handlers)
    const late = faultOf(queue.run({ ...aJob('work'), deadlineMs: 1000 }, STAY))
    const next = queue.run(aJob('work'), STAY)
    await pass(1000)
    expect(await late).toMatchObject({ code: 'E_DEADLINE' })
    expect(shop.open).toHaveLength(1)
    expect(shop.open[0]?.signal.aborted).toBe(true)
    expect((await queue.load()).search).toMatchObject({ active: 1, waiting: 1 })
    shop.open[0]?.end()
    await pass(0)
    expect(shop.open).toHaveLength(2)
    shop.open[1]?.end()
    expect(await next).toBe('done')
  })

  it('does not begin when its turn comes late, even if the timer comes later still', async () => {
    const shop = aWorkshop()
    const queue = openQueue(shop.handlers)
    const first = queue.run(aJob('work'), STAY)
    const late = faultOf(queue.run({ ...aJob('work'), deadlineMs: 1000 }, STAY))
    clock.advance(1000)
    shop.open[0]?.end()
    await first
    expect(await late).toMatchObject({ code: 'E_DEADLINE' })
    expect(shop.open).toHaveLength(1)
  })
})

describe('a running job whose caller leaves', () => {
  it('gets the signal, and the caller its reason at once', async () => {
    const shop = aWorkshop()
    const queue = openQueue(shop.handlers)
    const controller = new AbortController()
    const left = faultOf(queue.run(aJob('work'), controller))
    const reason = new Error('the caller left')
    controller.abort(reason)
    expect(await left).toBe(reason)
    expect(shop.open[0]?.signal.reason).toBe(reason)
    shop.open[0]?.end()
    await pass(0)
    expect(reports).toMatchObject([{ outcome: 'aborted' }])
  })
})

describe('an expected wait', () => {
  /** A queue of one place whose searches take two seconds each, and that is busy with one. */
  async function aSlowQueue() {
    const shop = aWorkshop()
    const queue = openQueue(shop.handlers)
    const first = queue.run(aJob('work'), STAY)
    await pass(2000)
    shop.open[0]?.end()
    await first
    const jobs = [faultOf(queue.run(aJob('work'), STAY))]
    return { queue, shop, jobs }
  }

  it('that lets the job end past its deadline refuses it at once, and tells when to come again', async () => {
    const { queue, jobs } = await aSlowQueue()
    for (let i = 0; i < 3; i++) jobs.push(faultOf(queue.run(aJob('work'), STAY)))
    const refused = await faultOf(queue.run({ ...aJob('work'), deadlineMs: 9999 }, STAY))
    expect(refused).toMatchObject({ code: 'E_OVERLOADED', retryAfterSeconds: 8 })
    expect((await queue.load()).search.waiting).toBe(3)
    void queue.run({ ...aJob('work'), deadlineMs: 10_000 }, STAY).catch(() => {})
    expect((await queue.load()).search.waiting).toBe(4)
  })

  it('counts only what is ahead: less urgent jobs are not', async () => {
    const { queue, jobs } = await aSlowQueue()
    const soon = { ...aJob('work'), deadlineMs: 5000 }
    for (let i = 0; i < 9; i++) jobs.push(faultOf(queue.run(aJob('work', 'bulk'), STAY)))
    jobs.push(faultOf(queue.run(soon, STAY)))
    expect((await queue.load()).search.waiting).toBe(1)
    expect(await faultOf(queue.run(soon, STAY))).toMatchObject({ code: 'E_OVERLOADED' })
  })

  it('is nothing while a place is free', async () => {
    const { queue, shop, jobs } = await aSlowQueue()
    shop.open[1]?.end()
    await jobs[0]
    const quick = queue.run({ ...aJob('work'), deadlineMs: 1 }, STAY)
    shop.open[2]?.end()
    expect(await quick).toBe('done')
  })

  it('does not become shorter by jobs that are stopped at their deadline', async () => {
    const { queue, shop, jobs } = await aSlowQueue()
    shop.open[1]?.end()
    await jobs[0]
    for (let i = 2; i < 12; i++) {
      const stopped = faultOf(queue.run({ ...aJob('work'), deadlineMs: 100 }, STAY))
      await pass(100)
      expect(await stopped).toMatchObject({ code: 'E_DEADLINE' })
      shop.open[i]?.end()
      await pass(0)
    }
    jobs.push(faultOf(queue.run(aJob('work'), STAY)))
    expect(await faultOf(queue.run({ ...aJob('work'), deadlineMs: 3000 }, STAY))).toMatchObject({
      code: 'E_OVERLOADED',
    })
  })

  it('never sends anybody away for more than a minute', async () => {
    const hold = aHold()
    const queue = createInProcessJobQueue({
      handlers: { ...hold.handlers, slow: async () => clock.advance(600_000) },
      lanes: { search: { limit: 0 } },
      concurrency: 1,
      clock,
    })
    await queue.run({ ...aJob('slow'), deadlineMs: 700_000 }, STAY)
    const running = queue.run(aJob('hold'), STAY)
    expect(await faultOf(queue.run(aJob('note'), STAY))).toMatchObject({ retryAfterSeconds: 60 })
    hold.end()
    await running
  })
})

describe('reports', () => {
  it('tell wait, run and outcome of every job once', async () => {
    const shop = aWorkshop()
    const queue = openQueue(shop.handlers)
    const first = queue.run(aJob('work', 'enroll'), STAY)
    const second = queue.run(aJob('work'), STAY)
    const missed = faultOf(queue.run({ ...aJob('work', 'bulk'), deadlineMs: 400 }, STAY))
    await pass(500)
    shop.open[0]?.end()
    await first
    await pass(200)
    shop.open[1]?.end()
    await second
    await missed
    await faultOf(queue.run(aJob('unheard-of'), STAY))
    expect(reports).toEqual([
      report('bulk', { waitedMs: 500, outcome: 'deadline' }),
      report('enroll', { ranMs: 500 }),
      report('search', { waitedMs: 500, ranMs: 200 }),
      report('search', { job: 'unheard-of', outcome: 'failed' }),
    ])
  })

  function report(lane: Lane, given: Partial<JobReport>): JobReport {
    return { job: 'work', lane, waitedMs: 0, ranMs: 0, outcome: 'done', ...given }
  }
})

describe('a job that first waits for strangers', () => {
  /** Its link takes two seconds, its work one. */
  function aLinkJob() {
    const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
    const prepare = () => wait(2000).then(() => ({ outcome: 'prepared', prepared: null }) as const)
    return { link: Object.assign(() => wait(1000), { prepare }), work: () => wait(1000) }
  }

  it('has waited only for its place, in reports and for whoever is overdue', async () => {
    const queue = openQueue(aLinkJob())
    const link = queue.run(aJob('link', 'enroll'), STAY)
    await pass(1500)
    const work = queue.run(aJob('work'), STAY)
    await pass(500)
    expect((await queue.load()).enroll).toMatchObject({ waiting: 1, oldestWaitingMs: 0 })
    await pass(500)
    await pass(1000)
    await Promise.all([link, work])
    expect(reports).toMatchObject([
      { job: 'work', waitedMs: 0, ranMs: 1000 },
      { job: 'link', waitedMs: 500, ranMs: 1000 },
    ])
  })

  it('is reported as done if that leaves no work, without having waited for a place or run', async () => {
    const prepare = async () => ({ outcome: 'done', result: 'no picture there' }) as const
    const queue = openQueue({ link: Object.assign(() => expect.fail('ran'), { prepare }) })
    expect(await queue.run(aJob('link'), STAY)).toBe('no picture there')
    await pass(0)
    expect(reports).toEqual([{ job: 'link', lane: 'search', waitedMs: 0, ranMs: 0, outcome: 'done' }])
  })

  it('is overloaded when its lane has filled meanwhile', async () => {
    const handlers = aLinkJob()
    const observe = (report: JobReport) => void reports.push(report)
    const lanes = { search: { limit: 1 } }
    const queue = createInProcessJobQueue({ handlers, lanes, concurrency: 1, clock, observe })
    const late = faultOf(queue.run(aJob('link'), STAY))
    await pass(1900)
    const others = [1, 2].map(() => queue.run(aJob('work'), STAY))
    await pass(100)
    expect(await late).toMatchObject({ code: 'E_OVERLOADED' })
    expect(reports).toMatchObject([{ job: 'link', outcome: 'overloaded', waitedMs: 0 }])
    await pass(900)
    await pass(1000)
    await Promise.all(others)
  })

  it('is refused when the queue closes, which does not wait for strangers', async () => {
    const queue = openQueue(aLinkJob())
    const link = faultOf(queue.run(aJob('link'), STAY))
    await queue.close(STAY)
    expect(await link).toMatchObject({ code: 'E_SHUTTING_DOWN' })
  })
})

describe('closing', () => {
  it('ends for everyone who asked for it', async () => {
    const shop = aWorkshop()
    const queue = openQueue(shop.handlers)
    const running = queue.run({ ...aJob('work'), deadlineMs: 1e12 }, STAY)
    const closings = [queue.close(STAY), queue.close(STAY)]
    await pass(1000)
    shop.open[0]?.end()
    expect(await running).toBe('done')
    await Promise.all(closings)
  })

  it('refuses those who wait, and tells the running ones to stop when the time is up', async () => {
    const shop = aWorkshop()
    const queue = openQueue(shop.handlers)
    const running = faultOf(queue.run(aJob('work'), STAY))
    const waiting = faultOf(queue.run(aJob('work'), STAY))
    const controller = new AbortController()
    const closing = queue.close(controller)
    expect(await waiting).toMatchObject({ code: 'E_SHUTTING_DOWN' })
    expect(shop.open[0]?.signal.aborted).toBe(false)
    controller.abort()
    await closing
    expect(shop.open[0]?.signal.aborted).toBe(true)
    expect(await running).toMatchObject({ code: 'E_SHUTTING_DOWN' })
    expect(shop.open).toHaveLength(1)
  })
})
