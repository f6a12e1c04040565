import {
  type JobContext,
  type JobHandler,
  type JobQueue,
  type JobRequest,
  type Lane,
  overloaded,
  type Preparation,
} from '@semblance/core'
import { describe, expect, it } from 'vitest'
import { aHold } from './a-hold.ts'
import { aJob } from './a-job.ts'
import type { JobQueueSetup } from './job-queue-contract.ts'
import { codeOf, refusesBehindWork } from './refuses-behind-work.ts'

export type BeginJobQueue = (
  handlers: JobQueueSetup['handlers'],
  setup?: Partial<JobQueueSetup>,
) => Promise<JobQueue>

const STAY = { signal: new AbortController().signal }

/** What the docstring of `JobHandler.prepare` promises, as claims. */
export function describeJobsThatPrepare(begin: BeginJobQueue): void {
  describe('a job that first waits for strangers', () => {
    it('holds no place meanwhile, and is given what came of it', async () => {
      const link = aLink()
      const queue = await begin({ ...link.handlers, echo: async (payload) => payload })
      const fetching = queue.run(aLinkJob(), STAY)
      await link.begun(1)
      expect(await queue.run({ ...aJob('echo'), payload: 'at once' }, STAY)).toBe('at once')
      await expect
        .poll(async () => (await queue.load()).search, { timeout: 10_000 })
        .toMatchObject({ waiting: 0, active: 0, preparing: 1, oldestWaitingMs: 0 })
      link.end('picture')
      expect(await fetching).toEqual({ prepared: 'picture' })
      await expect.poll(async () => (await queue.load()).search.preparing, { timeout: 10_000 }).toBe(0)
    })

    it('knows how much of its time is left', async () => {
      const link = aLink()
      const queue = await begin(link.handlers)
      const fetching = queue.run({ ...aLinkJob(), deadlineMs: 9000 }, STAY)
      await link.begun(1)
      link.end(null)
      await fetching
      expect(link.seen[0]?.remainingMs).toBeGreaterThan(4000)
      expect(link.seen[0]?.remainingMs).toBeLessThanOrEqual(9000)
    })

    it('takes a place like any other after that', async () => {
      let running = 0
      let most = 0
      const link = aLink(async () => {
        running += 1
        most = Math.max(most, running)
        await new Promise((resolve) => setTimeout(resolve, 5))
        running -= 1
      })
      const queue = await begin(link.handlers, { concurrency: 3, reserved: 1 })
      const lanes: Lane[] = ['search', 'enroll', 'bulk', 'search', 'enroll', 'search', 'enroll', 'bulk']
      const jobs = lanes.map((lane) => queue.run(aLinkJob(lane), STAY))
      await link.begun(lanes.length)
      link.end(null)
      await Promise.all(jobs)
      expect(most).toBeGreaterThan(0)
      expect(most).toBeLessThanOrEqual(3)
    })

    it('and is one too many is told so at once', async () => {
      const prepare = () => Promise.reject(overloaded('the fetching of links', 1))
      const run = () => expect.fail('ran')
      const queue = await begin({ link: Object.assign(run, { prepare }) })
      const error = await queue.run(aLinkJob(), STAY).catch((fault: unknown) => fault)
      expect(error).toMatchObject({ code: 'E_OVERLOADED', retryAfterSeconds: 1 })
    })

    it('gives up when its caller leaves or its time is over, and never runs', async () => {
      const link = aLink(async () => expect.fail('ran'))
      const queue = await begin({ ...link.handlers, echo: async (payload) => payload })
      const controller = new AbortController()
      const left = queue.run(aLinkJob(), controller).catch((fault: unknown) => fault)
      await link.begun(1)
      controller.abort(new Error('the caller left'))
      expect(await left).toBe(controller.signal.reason)
      const late = queue.run({ ...aLinkJob(), deadlineMs: 1500 }, STAY).catch((fault: unknown) => fault)
      await link.begun(2)
      expect(await late).toMatchObject({ code: 'E_DEADLINE' })
      await expect
        .poll(() => link.seen.map(({ signal }) => signal.aborted), { timeout: 10_000 })
        .toEqual([true, true])
      link.end(null)
      expect(await queue.run({ ...aJob('echo'), payload: 'done' }, STAY)).toBe('done')
    })

    it('has ended where that leaves no work, though every place is taken and its lane has filled', async () => {
      const link = aLink(async () => expect.fail('ran'))
      const hold = aHold()
      const queue = await begin({ ...link.handlers, ...hold.handlers }, { limit: 1 })
      const fetching = queue.run(aLinkJob(), STAY)
      await link.begun(1)
      const holding = queue.run(aJob('hold'), STAY)
      await hold.begun
      const waiting = queue.run(aJob('note'), STAY)
      await waitingOne(queue)
      link.done({ reason: 'no picture there' })
      expect(await fetching).toEqual({ reason: 'no picture there' })
      expect(hold.noted).toEqual([])
      hold.end()
      await Promise.all([holding, waiting])
    })

    it('makes its lane seem no faster where that leaves no work', async () => {
      const link = aLink()
      const hold = aHold()
      const slow = () => new Promise((resolve) => setTimeout(resolve, 1_500))
      const queue = await begin({ ...link.handlers, ...hold.handlers, slow }, { limit: 256 })
      await queue.run(aJob('slow'), STAY)
      link.done(null)
      for (let i = 0; i < 40; i++) await queue.run(aLinkJob(), STAY)
      const holding = queue.run(aJob('hold'), STAY)
      await hold.begun
      const next = () => queue.run({ ...aJob('note'), deadlineMs: 1_000 }, STAY).then(() => 'ran', codeOf)
      await expect.poll(next, { timeout: 15_000 }).toBe('E_OVERLOADED')
      // A remote queue hears of service times about once in a second.
      for (const until = performance.now() + 1_500; performance.now() < until; ) {
        expect(await next()).toBe('E_OVERLOADED')
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      hold.end()
      await holding
    })

    it('waits for a place like any other once it is prepared, and others behind it', async () => {
      const link = aLink()
      const hold = aHold()
      const slow = () => new Promise((resolve) => setTimeout(resolve, 300))
      const queue = await begin({ ...link.handlers, ...hold.handlers, slow }, { limit: 256 })
      await queue.run(aJob('slow'), STAY)
      const fetching = Array.from({ length: 10 }, () => queue.run(aLinkJob(), STAY))
      await link.begun(10)
      const holding = queue.run(aJob('hold'), STAY)
      await hold.begun
      link.end(null)
      await expect
        .poll(async () => (await queue.load()).search, { timeout: 10_000 })
        .toMatchObject({ waiting: 10, active: 1, preparing: 0 })
      // They are 3 s of work.
      const next = () => queue.run({ ...aJob('note'), deadlineMs: 1_000 }, STAY).then(() => 'ran', codeOf)
      await expect.poll(next, { timeout: 15_000 }).toBe('E_OVERLOADED')
      hold.end()
      await Promise.all([holding, ...fetching])
    })

    it('makes nobody too late who needs a place: its wait is no work', async () => {
      const link = aLink()
      const hold = aHold()
      const slow = () => new Promise((resolve) => setTimeout(resolve, 300))
      const queue = await begin({ ...link.handlers, ...hold.handlers, slow }, { limit: 256 })
      const leaving = new AbortController()
      await queue.run(aJob('slow'), STAY)
      const holding = queue.run(aJob('hold'), STAY)
      await hold.begun
      await refusesBehindWork(queue)
      const left = () => {}
      const fetching = Array.from({ length: 40 }, () => queue.run(aLinkJob(), leaving).catch(left))
      await expect.poll(async () => (await queue.load()).search.preparing, { timeout: 10_000 }).toBe(40)
      // They would be 12 s of work.
      const honest = queue.run({ ...aJob('note'), payload: 'honest', deadlineMs: 9_000 }, STAY)
      const refused = await Promise.race([honest.catch((fault: unknown) => fault), waitingOne(queue)])
      expect(refused).toBe('waits')
      leaving.abort(new Error('enough'))
      hold.end()
      await Promise.all([honest, holding, ...fetching])
      expect(hold.noted).toContain('honest')
    })

    it('finds its lane full by those of its kind alone', async () => {
      const link = aLink()
      const hold = aHold()
      const queue = await begin({ ...link.handlers, ...hold.handlers }, { limit: 1 })
      const leaving = new AbortController()
      const holding = queue.run(aJob('hold'), STAY)
      await hold.begun
      const links = [1, 2].map(() => queue.run(aLinkJob(), leaving).catch(() => 'left'))
      const waiting = queue.run({ ...aJob('note'), payload: 'waited' }, STAY)
      await waitingOne(queue)
      leaving.abort(new Error('enough'))
      hold.end()
      await Promise.all([holding, waiting, ...links])
      expect(hold.noted).toEqual(['waited'])
    })
  })
}

function aLinkJob(lane?: Lane): JobRequest {
  return { ...aJob('link', lane), preparesFirst: true }
}

async function waitingOne(queue: JobQueue): Promise<string> {
  await expect.poll(async () => (await queue.load()).search.waiting, { timeout: 10_000 }).toBe(1)
  return 'waits'
}

/** A job of two stages: the first ends for all when the test says so. */
function aLink(work: () => Promise<void> = async () => {}) {
  const gate = Promise.withResolvers<Preparation>()
  const seen: (JobContext & { readonly remainingMs: number })[] = []
  const link = async (_: unknown, { prepared }: { readonly prepared?: unknown }) => {
    await work()
    return { prepared }
  }
  const prepare: JobHandler['prepare'] = (_, context) => {
    seen.push(context)
    const aborted = new Promise<never>((_resolve, reject) => {
      context.signal.addEventListener('abort', () => reject(context.signal.reason))
    })
    return Promise.race([gate.promise, aborted])
  }
  return {
    handlers: { link: Object.assign(link, { prepare }) },
    seen: seen as readonly (JobContext & { readonly remainingMs: number })[],
    begun: (count: number) => expect.poll(() => seen.length, { timeout: 10_000 }).toBe(count),
    end: (prepared: unknown) => gate.resolve({ outcome: 'prepared', prepared }),
    /** No work is left. */
    done: (result: unknown) => gate.resolve({ outcome: 'done', result }),
  }
}
