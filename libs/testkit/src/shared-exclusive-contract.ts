import type { Exclusive, Lease } from '@semblance/core'
import { newTestId } from '@semblance/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

/** One of several processes that share their leases; each believes in a clock of its own. */
export interface ExclusiveProcess {
  readonly exclusive: Exclusive
  /** It does nothing of its own accord any more, as if the machine had stopped it; what a test asks it is done. */
  pause(): void
  resume(): void
}

export interface SharedExclusiveHarness {
  /** One more process over the same leases. */
  join(): ExclusiveProcess
  close(): Promise<void>
}

export interface SharedExclusiveSetup {
  /** How long a holder may be silent; short, because the claims wait for it. */
  readonly leaseMs: number
  open(): Promise<SharedExclusiveHarness>
}

/** What `Exclusive` promises where its holders may be anywhere, sleep for minutes and die. */
export function describeSharedExclusiveContract(name: string, setup: SharedExclusiveSetup): void {
  describe(`${name} keeps the Exclusive contract over processes`, () => {
    let harness: SharedExclusiveHarness
    let key: string
    let [one, two, three]: ExclusiveProcess[] = []
    beforeEach(async () => {
      harness = await setup.open()
      key = newTestId()
      ;[one, two, three] = [harness.join(), harness.join(), harness.join()]
    })
    afterEach(() => harness.close())

    it('runs the tasks of one key one at a time, whoever runs them, and forgets none', async () => {
      let [inside, most, done] = [0, 0, 0]
      const task = async () => {
        inside += 1
        most = Math.max(most, inside)
        await pauseFor(2)
        inside -= 1
        done += 1
      }
      const all = [one, two, three].flatMap((process) =>
        Array.from({ length: 8 }, () => process!.exclusive.run(key, task)),
      )
      await Promise.all(all)
      expect({ most, done }).toEqual({ most: 1, done: 24 })
    })

    it('lets a key that was never held be taken by one of many at once', async () => {
      const keys = Array.from({ length: 5 }, () => newTestId())
      for (const fresh of keys) {
        const held: string[] = []
        const take = (process: ExclusiveProcess, who: string) =>
          process.exclusive.run(fresh, async () => {
            held.push(who)
            await pauseFor(5)
            expect(held.at(-1)).toBe(who)
          })
        await Promise.all([take(one!, 'one'), take(two!, 'two'), take(three!, 'three')])
        expect(held.toSorted()).toEqual(['one', 'three', 'two'])
      }
    })

    it('lets a process in while another one has tasks without end', async () => {
      let isOver = false
      const keepBusy = async (): Promise<void> => {
        while (!isOver) await one!.exclusive.run(key, () => pauseFor(10))
      }
      const busy = [keepBusy(), keepBusy(), keepBusy()]
      const letIn = await two!.exclusive.run(key, async () => 'let in')
      isOver = true
      await Promise.all(busy)
      expect(letIn).toBe('let in')
    })

    it('tells the next holder, in another process, what was committed and not settled', async () => {
      const failing = one!.exclusive.run(key, async (lease) => {
        await lease.commit('person-1')
        throw new Error('died here')
      })
      await expect(failing).rejects.toThrow('died here')
      const finish = async (lease: Lease) => {
        const { committed } = lease
        await lease.settle()
        return committed
      }
      expect(await two!.exclusive.run(key, finish)).toBe('person-1')
      expect(await one!.exclusive.run(key, async (lease) => lease.committed)).toBeNull()
    })

    it('leaves a holder alone whose task takes many times the lease', async () => {
      const held = await begin(one!, key)
      const order: string[] = []
      const next = two!.exclusive.run(key, async () => order.push('next'))
      await pauseFor(setup.leaseMs * 3)
      order.push('end of the first')
      expect(held.lease.lost.aborted).toBe(false)
      expect(await held.lease.commit('person-1')).toBe(true)
      held.end()
      await Promise.all([held.done, next])
      expect(order).toEqual(['end of the first', 'next'])
    })

    it('lets another in when a holder sleeps past its lease; the sleeper can do nothing then', async () => {
      const sleeper = await begin(one!, key)
      one!.pause()
      const since = performance.now()
      const thief = await begin(two!, key)
      expect(performance.now() - since).toBeGreaterThanOrEqual(setup.leaseMs * 0.7)
      expect(thief.lease.committed).toBeNull()
      expect(await thief.lease.commit('of the thief')).toBe(true)

      expect(await sleeper.lease.commit('of the sleeper')).toBe(false)
      await sleeper.lease.settle()
      sleeper.end()
      await sleeper.done
      thief.end()
      await thief.done
      expect(await three!.exclusive.run(key, async (lease) => lease.committed)).toBe('of the thief')
    })

    it('lets in one of many that wait for a dead holder to be given up', async () => {
      const dead = await begin(one!, key)
      one!.pause()
      const thieves = Array.from({ length: 6 }, () => harness.join())
      let [inside, most] = [0, 0]
      const task = async () => {
        inside += 1
        most = Math.max(most, inside)
        await pauseFor(30)
        inside -= 1
      }
      await Promise.all(thieves.map(({ exclusive }) => exclusive.run(key, task)))
      expect(most).toBe(1)
      dead.end()
      await dead.done
    })

    it('shows the thief what the sleeper had committed, and keeps it from being settled twice', async () => {
      const sleeper = await begin(one!, key)
      await sleeper.lease.commit('of the sleeper')
      one!.pause()
      const thief = await begin(two!, key)
      expect(thief.lease.committed).toBe('of the sleeper')
      await thief.lease.settle()
      await thief.lease.commit('of the thief')
      await sleeper.lease.settle()
      sleeper.end()
      thief.end()
      await Promise.all([sleeper.done, thief.done])
      expect(await three!.exclusive.run(key, async (lease) => lease.committed)).toBe('of the thief')
    })

    it('tells a sleeper that wakes that it lost the key', async () => {
      const sleeper = await begin(one!, key)
      one!.pause()
      const thief = await begin(two!, key)
      expect(sleeper.lease.lost.aborted).toBe(false)
      const lost = new Promise((resolve) => sleeper.lease.lost.addEventListener('abort', resolve))
      one!.resume()
      await lost
      expect(sleeper.lease.lost.reason).toMatchObject({ code: 'E_STORE_UNAVAILABLE' })
      expect(thief.lease.lost.aborted).toBe(false)
      sleeper.end()
      thief.end()
      await Promise.all([sleeper.done, thief.done])
    })

    it('takes the key from a dead holder even if nobody has the patience to wait for a whole lease', async () => {
      const dead = await begin(one!, key)
      one!.pause()
      const tries = 40
      for (let i = 0; i < tries; i++) {
        const patience = { signal: AbortSignal.timeout(setup.leaseMs / 4) }
        const taken = await two!.exclusive.run(key, async () => true, patience).catch(() => false)
        if (taken) break
        expect(i).toBeLessThan(tries - 1)
      }
      dead.end()
      await dead.done
    })
  })
}

interface Held {
  readonly lease: Lease
  end(): void
  readonly done: Promise<void>
}

/** Resolves once the process holds the key; it holds it until `end`. */
async function begin(process: ExclusiveProcess, key: string): Promise<Held> {
  const begun = Promise.withResolvers<Lease>()
  const ended = Promise.withResolvers<void>()
  const done = process.exclusive.run(key, (lease) => {
    begun.resolve(lease)
    return ended.promise
  })
  const lease = await Promise.race([
    begun.promise,
    done.then(() => Promise.reject(new Error('it never began'))),
  ])
  return { lease, end: ended.resolve, done }
}

function pauseFor(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
