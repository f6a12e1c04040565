import { describe, expect, it } from 'vitest'
import { inLanesUntilFault } from './in-lanes-until-fault.ts'

const never = new AbortController().signal

async function* numbers(count: number, drawn: number[] = []) {
  for (let i = 0; i < count; i++) {
    drawn.push(i)
    yield i
  }
}

describe('inLanesUntilFault', () => {
  it('has every item done once, as many at a time as told', async () => {
    const done: number[] = []
    let running = 0
    let most = 0
    await inLanesUntilFault(numbers(50), { width: 3, signal: never }, async (item) => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setImmediate(resolve))
      running--
      done.push(item)
    })
    expect(done.toSorted((a, b) => a - b)).toEqual([...Array(50).keys()])
    expect(most).toBe(3)
  })

  it('throws the first fault once every lane has ended, and draws no more', async () => {
    const drawn: number[] = []
    let running = 0
    const work = inLanesUntilFault(
      numbers(1000, drawn),
      { width: 4, signal: never },
      async (item, signal) => {
        running++
        if (item === 5) {
          running--
          throw new Error('five')
        }
        await new Promise((resolve) => setImmediate(resolve))
        if (item > 5) expect(signal.aborted).toBe(true)
        running--
      },
    )
    await expect(work).rejects.toThrow('five')
    expect(running).toBe(0)
    expect(drawn.length).toBeLessThan(12)
  })

  it('passes on a fault of the source of the items', async () => {
    async function* broken() {
      yield 1
      throw new Error('no page 2')
    }
    await expect(inLanesUntilFault(broken(), { width: 3, signal: never }, async () => {})).rejects.toThrow(
      'no page 2',
    )
  })

  it('rejects with the reason when told to stop', async () => {
    const stopping = new AbortController()
    const work = inLanesUntilFault(numbers(1000), { width: 2, signal: stopping.signal }, async (item) => {
      if (item === 3) stopping.abort(new Error('stopped'))
    })
    await expect(work).rejects.toThrow('stopped')
  })
})
