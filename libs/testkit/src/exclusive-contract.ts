import type { Exclusive } from '@semblance/core'
import { newTestId } from '@semblance/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

export interface ExclusiveHarness {
  readonly exclusive: Exclusive
  close(): Promise<void>
}

/** What the docstrings of `Exclusive` promise, as claims. */
export function describeExclusiveContract(name: string, open: () => Promise<ExclusiveHarness>): void {
  describe(`${name} keeps the Exclusive contract`, () => {
    let harness: ExclusiveHarness
    let exclusive: Exclusive
    let key: string
    beforeEach(async () => {
      harness = await open()
      exclusive = harness.exclusive
      key = newTestId()
    })
    afterEach(() => harness.close())

    it('answers what the task answers', async () => {
      expect(await exclusive.run(key, async () => 42)).toBe(42)
    })

    it('passes on what the task throws, and lets the next one in', async () => {
      const fault = new Error('broken')
      await expect(exclusive.run(key, () => Promise.reject(fault))).rejects.toBe(fault)
      expect(await exclusive.run(key, async () => 'next')).toBe('next')
    })

    it('runs the tasks of one key one at a time', async () => {
      let inside = 0
      let most = 0
      const task = async () => {
        inside += 1
        most = Math.max(most, inside)
        await new Promise(setImmediate)
        inside -= 1
      }
      await Promise.all(Array.from({ length: 16 }, () => exclusive.run(key, task)))
      expect(most).toBe(1)
    })

    it('lets first in who came first', async () => {
      const order: number[] = []
      const gate = Promise.withResolvers<void>()
      const first = await begin(exclusive, key, gate.promise)
      const rest = [1, 2, 3].map((i) => exclusive.run(key, async () => void order.push(i)))
      gate.resolve()
      await Promise.all([first.done, ...rest])
      expect(order).toEqual([1, 2, 3])
    })

    it('runs the tasks of different keys side by side', async () => {
      const gate = Promise.withResolvers<void>()
      const held = await begin(exclusive, key, gate.promise)
      expect(await exclusive.run(`${key}-other`, async () => 'meanwhile')).toBe('meanwhile')
      gate.resolve()
      await held.done
    })

    it('does not begin a task whose caller left while waiting, and goes on with the next', async () => {
      const gate = Promise.withResolvers<void>()
      const held = await begin(exclusive, key, gate.promise)
      const controller = new AbortController()
      const reason = new Error('the caller left')
      const begun: string[] = []
      const left = exclusive.run(key, async () => begun.push('left'), controller)
      const next = exclusive.run(key, async () => 'next')
      controller.abort(reason)
      await expect(left).rejects.toBe(reason)
      gate.resolve()
      await held.done
      expect(await next).toBe('next')
      expect(begun).toEqual([])
    })

    it('does not begin a task whose caller had left before', async () => {
      const reason = new Error('the caller left')
      const begun: string[] = []
      const task = async () => begun.push('begun')
      await expect(exclusive.run(key, task, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
      expect(begun).toEqual([])
    })

    it('leaves a task alone that has begun', async () => {
      const controller = new AbortController()
      const result = exclusive.run(
        key,
        async () => {
          controller.abort(new Error('too late'))
          await new Promise(setImmediate)
          return 'done'
        },
        controller,
      )
      expect(await result).toBe('done')
    })

    it('tells the next holder what was committed and not settled, even if the task failed', async () => {
      const failing = exclusive.run(key, async (lease) => {
        expect(lease.committed).toBeNull()
        expect(await lease.commit('person-1')).toBe(true)
        throw new Error('died here')
      })
      await expect(failing).rejects.toThrow('died here')
      expect(await exclusive.run(key, async (lease) => lease.committed)).toBe('person-1')
      expect(await exclusive.run(key, async (lease) => lease.committed)).toBe('person-1')
      expect(await exclusive.run(`${key}-other`, async (lease) => lease.committed)).toBeNull()
    })

    it('forgets a commit that is settled', async () => {
      await exclusive.run(key, async (lease) => {
        await lease.commit('person-1')
        await lease.settle()
      })
      expect(await exclusive.run(key, async (lease) => lease.committed)).toBeNull()
    })

    it('ends a lease with its task: what comes later changes nothing', async () => {
      const late = await exclusive.run(key, async (lease) => lease)
      expect(await late.commit('too late')).toBe(false)
      await exclusive.run(key, async (lease) => void (await lease.commit('person-1')))
      expect(await late.commit('too late')).toBe(false)
      await late.settle()
      expect(await exclusive.run(key, async (lease) => lease.committed)).toBe('person-1')
    })

    it('shows a holder its own commit, and that it is settled', async () => {
      const seen = await exclusive.run(key, async (lease) => {
        await lease.commit('person-1')
        const committed = lease.committed
        await lease.settle()
        return [committed, lease.committed]
      })
      expect(seen).toEqual(['person-1', null])
    })

    it('does not tell a holder that all is lost who has lost nothing', async () => {
      expect(await exclusive.run(key, async (lease) => lease.lost.aborted)).toBe(false)
    })

    it('replaces a settled commit by the next', async () => {
      await exclusive.run(key, async (lease) => void (await lease.commit('person-1')))
      const second = await exclusive.run(key, async (lease) => {
        await lease.settle()
        return lease.commit('person-2')
      })
      expect(second).toBe(true)
      expect(await exclusive.run(key, async (lease) => lease.committed)).toBe('person-2')
    })
  })
}

/** Resolves, to the end of the run, once a task that lasts until the gate opens holds the key. */
async function begin(
  exclusive: Exclusive,
  key: string,
  gate: Promise<void>,
): Promise<{ done: Promise<void> }> {
  const begun = Promise.withResolvers<void>()
  const done = exclusive.run(key, () => {
    begun.resolve()
    return gate
  })
  await begun.promise
  return { done }
}
