import { describe, expect, it } from 'vitest'
import { Slots } from './slots.ts'

/** Tasks that end when told to; `begun` holds their names in the order in which they began. */
function tasks() {
  const begun: string[] = []
  const ends = new Map<string, () => void>()
  return {
    begun,
    task: (name: string) => () => {
      begun.push(name)
      return new Promise<void>((resolve) => ends.set(name, resolve))
    },
    end: (name: string) => ends.get(name)?.(),
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('Slots', () => {
  it('run no more than so many tasks at once, first come first served', async () => {
    const { begun, task, end } = tasks()
    const slots = new Slots(2)
    const all = ['a', 'b', 'c', 'd'].map((name) => slots.run(task(name)))
    await settled()
    expect(begun).toEqual(['a', 'b'])
    end('b')
    await settled()
    expect(begun).toEqual(['a', 'b', 'c'])
    for (const name of ['a', 'c']) end(name)
    await settled()
    end('d')
    await Promise.all(all)
    expect(slots.isIdle).toBe(true)
  })

  it('of one run tasks one at a time in the order in which they came, past one that fails', async () => {
    const slots = new Slots(1)
    const log: string[] = []
    const task = (name: string) => async () => {
      log.push(`${name} begins`)
      await new Promise(setImmediate)
      log.push(`${name} ends`)
      if (name === 'a') throw new Error('broken')
      return name
    }
    const settled = await Promise.allSettled(['a', 'b', 'c'].map((name) => slots.run(task(name))))
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
  })

  it('skip a task whose caller left while waiting, without letting the next one in early', async () => {
    const slots = new Slots(1)
    const first = Promise.withResolvers<void>()
    const controller = new AbortController()
    const begun: string[] = []
    const running = slots.run(() => first.promise)
    const left = slots.run(async () => begun.push('left'), controller)
    const next = slots.run(async () => begun.push('next'))
    const reason = new Error('the caller left')
    controller.abort(reason)
    await expect(left).rejects.toBe(reason)
    await new Promise(setImmediate)
    expect(begun).toEqual([])
    first.resolve()
    await Promise.all([running, next])
    expect(begun).toEqual(['next'])
  })
})
