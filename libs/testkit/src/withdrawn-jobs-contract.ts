import type { JobQueue } from '@semblance/core'
import { describe, expect, it } from 'vitest'
import { aHold } from './a-hold.ts'
import { aJob } from './a-job.ts'
import type { BeginJobQueue } from './prepared-jobs-contract.ts'

const STAY = { signal: new AbortController().signal }
const JOBS = 40

/** What the docstring of `JobWaiting.unlessBegun` promises, as claims. */
export function describeJobsThatAreWithdrawn(begin: BeginJobQueue): void {
  describe('a job that is not to begin any more', () => {
    it('never runs if it waits, and gives its room back', async () => {
      const hold = aHold()
      const queue = await begin(hold.handlers, { limit: 1 })
      const running = queue.run(aJob('hold', 'bulk'), STAY)
      await hold.begun
      const { waiting, withdraw } = withdrawable()
      const withdrawn = queue.run({ ...aJob('note', 'bulk'), payload: 'withdrawn' }, waiting)
      await waitingIn(queue, 1)
      expect(await withdraw(withdrawn)).toBe(waiting.unlessBegun.reason)
      await waitingIn(queue, 0)
      const stayed = queue.run({ ...aJob('note', 'bulk'), payload: 'stayed' }, STAY)
      hold.end()
      await Promise.all([running, stayed])
      expect(hold.noted).toEqual(['stayed'])
    })

    it('is refused if it comes only then', async () => {
      const hold = aHold()
      const queue = await begin(hold.handlers)
      const reason = new Error('it is not to begin')
      const waiting = { ...STAY, unlessBegun: AbortSignal.abort(reason) }
      await expect(queue.run(aJob('note'), waiting)).rejects.toBe(reason)
      expect(hold.noted).toEqual([])
    })

    it('goes on if it has begun, and its result is given', async () => {
      const signals: AbortSignal[] = []
      const hold = aHold()
      const queue = await begin({
        hold: (_, { signal }) => {
          signals.push(signal)
          return hold.handlers.hold()
        },
        idle: hold.handlers.idle,
      })
      const { waiting, withdraw } = withdrawable()
      const running = queue.run(aJob('hold', 'bulk'), waiting)
      await hold.begun
      const ended = withdraw(running)
      // Long enough for word of it to come to whoever runs the job.
      await new Promise((resolve) => setTimeout(resolve, 100))
      expect(signals[0]?.aborted).toBe(false)
      hold.end()
      expect(await ended).toBe('held')
      expect(await queue.run(aJob('idle', 'bulk'), STAY)).toBe(null)
    })

    it('never runs if it waits for strangers, or for its place after that', async () => {
      const hold = aHold()
      const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      let preparing = 0
      const prepare = (payload: unknown, { signal }: { readonly signal: AbortSignal }) => {
        preparing += 1
        const aborted = new Promise<never>((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason))
        })
        const prepared = { outcome: 'prepared', prepared: null } as const
        return Promise.race([gates[Number(payload)]!.promise.then(() => prepared), aborted])
      }
      const link = Object.assign(() => expect.fail('ran'), { prepare })
      const queue = await begin({ ...hold.handlers, link })
      const { waiting, withdraw } = withdrawable()
      const jobs = [0, 1].map((payload) =>
        queue.run({ ...aJob('link', 'bulk'), preparesFirst: true, payload }, waiting),
      )
      await expect.poll(() => preparing, { timeout: 10_000 }).toBe(2)
      const running = queue.run(aJob('hold', 'bulk'), STAY)
      await hold.begun
      gates[0]?.resolve()
      await expect
        .poll(async () => (await queue.load()).bulk, { timeout: 10_000 })
        .toMatchObject({ preparing: 1, waiting: 1 })
      const given = await Promise.all(jobs.map(withdraw))
      expect(given).toEqual(jobs.map(() => waiting.unlessBegun.reason))
      hold.end()
      await running
      expect(await queue.run(aJob('idle', 'bulk'), STAY)).toBe(null)
    })

    it('has either run and given its result, or never begins, whenever that is', async () => {
      const ran: unknown[] = []
      const work = async (payload: unknown) => {
        ran.push(payload)
        await new Promise((resolve) => setTimeout(resolve, 3))
        return payload
      }
      const queue = await begin({ work }, { concurrency: 3, limit: JOBS })
      const given = await Promise.all(
        Array.from({ length: JOBS }, async (_, i) => {
          const { waiting, withdraw } = withdrawable()
          const job = queue.run({ ...aJob('work', 'bulk'), payload: i }, waiting)
          await new Promise((resolve) => setTimeout(resolve, i * 2))
          return withdraw(job)
        }),
      )
      const results = given.filter((one) => typeof one === 'number')
      expect(results.toSorted()).toEqual(ran.toSorted())
      expect(given.filter((one) => one instanceof Error && one.message === WITHDRAWN)).toHaveLength(
        JOBS - ran.length,
      )
    })
  })
}

const WITHDRAWN = 'it is not to begin any more'

function withdrawable() {
  const controller = new AbortController()
  return {
    waiting: { ...STAY, unlessBegun: controller.signal },
    /** What becomes of the job: its result, or why it has none. */
    withdraw: (job: Promise<unknown>) => {
      controller.abort(new Error(WITHDRAWN))
      return job.catch((fault: unknown) => fault)
    },
  }
}

/** A remote queue may need a moment to tell. */
async function waitingIn(queue: JobQueue, count: number): Promise<void> {
  await expect.poll(async () => (await queue.load()).bulk.waiting, { timeout: 10_000 }).toBe(count)
}
