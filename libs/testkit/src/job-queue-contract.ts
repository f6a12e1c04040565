import {
  currentScope,
  deadlineMissed,
  type JobHandler,
  type JobQueue,
  type Lane,
  overloaded,
} from '@semblance/core'
import { afterEach, describe, expect, it } from 'vitest'
import { aHold } from './a-hold.ts'
import { aJob } from './a-job.ts'
import { type BeginJobQueue, describeJobsThatPrepare } from './prepared-jobs-contract.ts'
import { refusesBehindWork } from './refuses-behind-work.ts'
import { describeJobsThatAreWithdrawn } from './withdrawn-jobs-contract.ts'

export interface JobQueueSetup {
  readonly handlers: Readonly<Record<string, JobHandler>>
  /** Jobs running at once. */
  readonly concurrency: number
  /** Of these, places that only searches may take. */
  readonly reserved: number
  /** Jobs that may wait, in each lane. */
  readonly limit: number
}

/** A queue of its own for one test, and somebody in this process who carries its jobs out. */
export interface JobQueueHarness {
  readonly queue: JobQueue
  close(): Promise<void>
}

const STAY = { signal: new AbortController().signal }

/** What the docstrings of `JobQueue` promise, as claims. */
export function describeJobQueueContract(
  name: string,
  open: (setup: JobQueueSetup) => Promise<JobQueueHarness>,
): void {
  describe(`${name} keeps the JobQueue contract`, () => {
    let harness: JobQueueHarness | null = null
    afterEach(async () => {
      await harness?.close()
      harness = null
    })
    const begin: BeginJobQueue = async (handlers, setup = {}) => {
      harness = await open({ handlers, concurrency: 1, reserved: 0, limit: 16, ...setup })
      return harness.queue
    }

    it('hands the payload over and the result back', async () => {
      const queue = await begin({ echo: async (payload, { lane }) => ({ payload, lane }) })
      const payload = { ids: ['a', 'b'], limit: 3, group: null }
      const result = await queue.run({ name: 'echo', lane: 'enroll', payload, deadlineMs: 20_000 }, STAY)
      expect(result).toEqual({ payload, lane: 'enroll' })
    })

    it("passes on the handler's own error, whole", async () => {
      const queue = await begin({ fail: () => Promise.reject(overloaded('the index', 7)) })
      await expect(queue.run(aJob('fail'), STAY)).rejects.toMatchObject({
        name: 'AppError',
        code: 'E_OVERLOADED',
        message: overloaded('the index', 7).message,
        retryable: true,
        retryAfterSeconds: 7,
      })
    })

    it('calls any other fault a failed job, and tells nothing of it', async () => {
      const queue = await begin({
        fail: () => Promise.reject(new TypeError('secret')),
        throw: () => {
          throw new Error('secret')
        },
      })
      for (const job of ['fail', 'throw', 'unheard-of']) {
        const error = await queue.run(aJob(job), STAY).catch((fault: unknown) => fault)
        expect(error).toMatchObject({ code: 'E_JOB_FAILED', context: { job } })
        expect((error as Error).message).not.toContain('secret')
      }
    })

    it('lays a fault that nobody caught to the job whose handler set it off, and gives its place back', async () => {
      const blamed: (boolean | undefined)[] = []
      const begun = Promise.withResolvers<void>()
      const gate = Promise.withResolvers<void>()
      const queue = await begin(
        {
          stray: (payload) =>
            new Promise(() => {
              // As the process does with what it hears of.
              const blame = () => blamed.push(currentScope()?.fail(new Error(`secret ${payload}`)))
              setTimeout(blame, 10)
            }),
          other: async () => {
            begun.resolve()
            await gate.promise
            return 'untouched'
          },
        },
        { concurrency: 2 },
      )
      const other = queue.run(aJob('other'), STAY)
      await begun.promise
      for (const payload of [1, 2]) {
        const error = await queue.run({ ...aJob('stray'), payload }, STAY).catch((fault: unknown) => fault)
        expect(error).toMatchObject({ code: 'E_JOB_FAILED', context: { job: 'stray' } })
      }
      gate.resolve()
      expect(await other).toBe('untouched')
      expect(blamed).toEqual([true, true])
    })

    it('runs no more jobs at once than it may', async () => {
      let running = 0
      let most = 0
      const together = Promise.withResolvers<void>()
      const work = async () => {
        running += 1
        most = Math.max(most, running)
        if (running === 3) together.resolve()
        await together.promise
        await new Promise((resolve) => setTimeout(resolve, 5))
        running -= 1
      }
      const queue = await begin({ work }, { concurrency: 3 })
      await Promise.all(Array.from({ length: 12 }, () => queue.run(aJob('work'), STAY)))
      expect(most).toBe(3)
    })

    it('is overloaded at once when a lane is full; the other lanes are not', async () => {
      const hold = aHold()
      const queue = await begin(hold.handlers, { limit: 1 })
      const running = queue.run(aJob('hold'), STAY)
      await hold.begun
      const waiting = queue.run(aJob('note'), STAY)
      await waitingIn(queue, 'search', 1)
      const error = await queue.run(aJob('note'), STAY).catch((fault: unknown) => fault)
      expect(error).toMatchObject({ code: 'E_OVERLOADED', retryable: true })
      const { retryAfterSeconds } = error as { retryAfterSeconds: number }
      expect(retryAfterSeconds).toBeGreaterThanOrEqual(1)
      expect(retryAfterSeconds).toBeLessThanOrEqual(60)
      const elsewhere = queue.run(aJob('note', 'bulk'), STAY)
      hold.end()
      await Promise.all([running, waiting, elsewhere])
    })

    it('refuses a job that may take a share of the lane alone while there is room for others', async () => {
      const hold = aHold()
      const queue = await begin(hold.handlers, { limit: 4 })
      const running = queue.run(aJob('hold', 'enroll'), STAY)
      await hold.begun
      const small = { ...aJob('note', 'enroll'), laneShare: 0.5 }
      const waiting = [queue.run(small, STAY), queue.run(small, STAY)]
      await waitingIn(queue, 'enroll', 2)
      await expect(queue.run(small, STAY)).rejects.toMatchObject({ code: 'E_OVERLOADED' })
      waiting.push(queue.run(aJob('note', 'enroll'), STAY), queue.run(aJob('note', 'enroll'), STAY))
      await waitingIn(queue, 'enroll', 4)
      hold.end()
      await Promise.all([running, ...waiting])
    })

    it('takes the most urgent lane first, and within a lane the first that came', async () => {
      const hold = aHold()
      const queue = await begin(hold.handlers)
      const running = queue.run(aJob('hold', 'bulk'), STAY)
      await hold.begun
      const rest: Promise<unknown>[] = []
      for (const [i, lane] of (['bulk', 'enroll', 'search', 'search'] as const).entries()) {
        rest.push(queue.run({ ...aJob('note', lane), payload: i }, STAY))
        await waitingIn(queue, lane, i === 3 ? 2 : 1)
      }
      hold.end()
      await Promise.all([running, ...rest])
      expect(hold.noted).toEqual([2, 3, 1, 0])
    })

    it('keeps places free for searches, however much else is to be done', async () => {
      const ends: (() => void)[] = []
      const begun: string[] = []
      const handlers = {
        work: (payload: unknown) =>
          new Promise((resolve) => {
            begun.push(String(payload))
            ends.push(() => resolve(null))
          }),
      }
      const queue = await begin(handlers, { concurrency: 3, reserved: 1 })
      const run = (payload: string, lane: Lane) => queue.run({ ...aJob('work', lane), payload }, STAY)
      const rest = [run('a', 'enroll'), run('b', 'bulk'), run('c', 'enroll')]
      await expect.poll(() => begun.length, { timeout: 10_000 }).toBe(2)
      await waitingElsewhere(queue, 1)
      const search = run('search', 'search')
      await expect.poll(() => begun.at(2), { timeout: 10_000 }).toBe('search')
      ends[2]?.()
      await search
      expect(begun).toHaveLength(3)
      ends[0]?.()
      await expect.poll(() => begun.length, { timeout: 10_000 }).toBe(4)
      for (const end of ends) end()
      await Promise.all(rest)
    })

    it('drops a job that has not begun by its deadline', async () => {
      const hold = aHold()
      const queue = await begin(hold.handlers)
      const running = queue.run(aJob('hold'), STAY)
      await hold.begun
      const late = queue.run({ ...aJob('note'), deadlineMs: 50 }, STAY)
      await expect(late).rejects.toMatchObject({ code: 'E_DEADLINE', retryable: true })
      hold.end()
      await running
      await queue.run(aJob('idle'), STAY)
      expect(hold.noted).toEqual([])
    })

    it('tells of a bulk job that missed its deadline whether anybody had begun it', async () => {
      const hold = aHold()
      const queue = await begin(hold.handlers)
      const bulk = { lane: 'bulk', deadlineMs: 1500 } as const
      const begun = queue.run({ ...aJob('hold'), ...bulk }, STAY)
      await hold.begun
      const rest = Promise.allSettled(
        Array.from({ length: 3 }, () => queue.run({ ...aJob('note'), ...bulk }, STAY)),
      )
      await expect(begun).rejects.toMatchObject({ code: 'E_DEADLINE', context: {} })
      const neverBegun = { code: 'E_DEADLINE', context: { neverBegun: 1 } }
      const told = (await rest).flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
      expect(told.length).toBeGreaterThan(0)
      for (const fault of told) expect(fault).toMatchObject(neverBegun)
      hold.end()
    })

    it('answers at the deadline, and aborts what still runs', async () => {
      const aborted = Promise.withResolvers<void>()
      const queue = await begin({
        work: (_, { signal }) =>
          new Promise((resolve) => {
            signal.addEventListener('abort', () => {
              aborted.resolve()
              resolve('too late')
            })
          }),
      })
      // Long enough for a remote queue on a busy machine to begin it.
      const late = queue.run({ ...aJob('work'), deadlineMs: 1500 }, STAY)
      await expect(late).rejects.toMatchObject({ code: 'E_DEADLINE' })
      await aborted.promise
    })

    it('tells after a missed deadline when to come again, by what waits', async () => {
      const hold = aHold()
      const slow = () => new Promise((resolve) => setTimeout(resolve, 300))
      const queue = await begin({ ...hold.handlers, slow }, { limit: 256 })
      const begunAt = performance.now()
      await queue.run(aJob('slow'), STAY)
      // As long as a machine takes that is busy: the queue expects no more than this of each job.
      const slowMs = performance.now() - begunAt
      const running = queue.run(aJob('hold'), STAY)
      await hold.begun
      await refusesBehindWork(queue)
      const leaving = new AbortController()
      const waiting = Array.from({ length: 5 }, () => queue.run(aJob('slow'), leaving).catch(() => {}))
      await waitingIn(queue, 'search', 5)
      // What is ahead of it is worth 1.8 s or more, and less than the deadline.
      const late = await queue
        .run({ ...aJob('note'), deadlineMs: 700 + 6 * slowMs }, STAY)
        .catch((fault: unknown) => fault)
      expect(late).toMatchObject({ code: 'E_DEADLINE' })
      expect((late as { retryAfterSeconds: number }).retryAfterSeconds).toBeGreaterThanOrEqual(2)
      leaving.abort(new Error('enough'))
      hold.end()
      await Promise.all([running, ...waiting])
    })

    it("passes on a handler's own missed deadline", async () => {
      const queue = await begin({ work: () => Promise.reject(deadlineMissed('the engine', 3)) })
      await expect(queue.run(aJob('work'), STAY)).rejects.toMatchObject({ retryAfterSeconds: 3 })
    })

    it('gives the place back when a waiting caller leaves, and never runs the job', async () => {
      const hold = aHold()
      const queue = await begin(hold.handlers, { limit: 1 })
      const running = queue.run(aJob('hold'), STAY)
      await hold.begun
      const controller = new AbortController()
      const reason = new Error('the caller left')
      const left = queue.run({ ...aJob('note'), payload: 'left' }, controller)
      const settled = expect(left).rejects.toBe(reason)
      await waitingIn(queue, 'search', 1)
      controller.abort(reason)
      await settled
      await waitingIn(queue, 'search', 0)
      const stayed = queue.run({ ...aJob('note'), payload: 'stayed' }, STAY)
      hold.end()
      await Promise.all([running, stayed])
      expect(hold.noted).toEqual(['stayed'])
    })

    it('rejects with the reason of a signal that is aborted before', async () => {
      const hold = aHold()
      const queue = await begin(hold.handlers)
      const reason = new Error('the caller left')
      await expect(queue.run(aJob('note'), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
      expect(hold.noted).toEqual([])
    })

    it('tells the load of each lane', async () => {
      const hold = aHold()
      const queue = await begin(hold.handlers)
      expect(await queue.load()).toMatchObject({ search: { waiting: 0, active: 0, oldestWaitingMs: 0 } })
      const running = queue.run(aJob('hold', 'enroll'), STAY)
      await hold.begun
      const waiting = queue.run(aJob('note', 'bulk'), STAY)
      await waitingIn(queue, 'bulk', 1)
      const { search, enroll, bulk } = await queue.load()
      expect([search.active, enroll.active, bulk.active]).toEqual([0, 1, 0])
      expect([search.waiting, enroll.waiting, bulk.waiting]).toEqual([0, 0, 1])
      hold.end()
      await Promise.all([running, waiting])
    })

    describeJobsThatPrepare(begin)
    describeJobsThatAreWithdrawn(begin)

    it('takes no new jobs once closing, and waits for the running ones', async () => {
      const hold = aHold()
      const queue = await begin(hold.handlers)
      const running = queue.run(aJob('hold'), STAY)
      await hold.begun
      let isClosed = false
      const closing = queue.close(STAY).then(() => {
        isClosed = true
      })
      await expect(queue.run(aJob('note'), STAY)).rejects.toMatchObject({ code: 'E_SHUTTING_DOWN' })
      expect(isClosed).toBe(false)
      hold.end()
      expect(await running).toBe('held')
      await closing
    })
  })
}

/** A remote queue may need a moment to tell. */
async function waitingIn(queue: JobQueue, lane: Lane, count: number): Promise<void> {
  while ((await queue.load())[lane].waiting !== count) await new Promise((resolve) => setTimeout(resolve, 5))
}

async function waitingElsewhere(queue: JobQueue, count: number): Promise<void> {
  const waiting = async () => {
    const { enroll, bulk } = await queue.load()
    return enroll.waiting + bulk.waiting
  }
  while ((await waiting()) !== count) await new Promise((resolve) => setTimeout(resolve, 5))
}
