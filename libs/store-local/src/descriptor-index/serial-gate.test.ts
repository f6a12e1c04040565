import { describe, expect, it } from 'vitest'
import { SerialGate } from './serial-gate.ts'

describe('SerialGate', () => {
  it('runs tasks one at a time in the order in which they came, past one that fails', async () => {
    const gate = new SerialGate()
    const log: string[] = []
    const task = (name: string) => async () => {
      log.push(`${name} begins`)
      await new Promise(setImmediate)
      log.push(`${name} ends`)
      if (name === 'a') throw new Error('broken')
      return name
    }
    const settled = await Promise.allSettled(['a', 'b', 'c'].map((name) => gate.run(task(name), {})))
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
  })

  it('skips a task whose caller left while waiting, without letting the next one in early', async () => {
    const gate = new SerialGate()
    const first = Promise.withResolvers<void>()
    const controller = new AbortController()
    const begun: string[] = []
    const running = gate.run(() => first.promise, {})
    const left = gate.run(async () => begun.push('left'), controller)
    const next = gate.run(async () => begun.push('next'), {})
    const reason = new Error('the caller left')
    controller.abort(reason)
    await expect(left).rejects.toBe(reason)
    await new Promise(setImmediate)
    expect(begun).toEqual([])
    first.resolve()
    await Promise.all([running, next])
    await gate.drained()
    expect(begun).toEqual(['next'])
  })
})
