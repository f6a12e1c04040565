import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { GatheredCalls } from './gathered-calls.ts'

function someCalls({ most = 10, fault }: { readonly most?: number; readonly fault?: Error } = {}) {
  const sent: (readonly string[])[] = []
  const calls = new GatheredCalls<string, string>({
    most,
    run: async (items) => {
      sent.push(items)
      if (fault !== undefined) throw fault
      return items.map((item) => item.toUpperCase())
    },
  })
  return { calls, sent }
}

describe('calls that are asked for', () => {
  it('in one turn of the event loop share a call, and each hears its own answer', async () => {
    const { calls, sent } = someCalls()
    expect(await Promise.all(['a', 'b', 'c'].map((item) => calls.ask(item)))).toEqual(['A', 'B', 'C'])
    expect(await calls.ask('d')).toBe('D')
    expect(sent).toEqual([['a', 'b', 'c'], ['d']])
  })

  it('are sent in calls of no more than so many', async () => {
    const { calls, sent } = someCalls({ most: 2 })
    await Promise.all(['a', 'b', 'c'].map((item) => calls.ask(item)))
    expect(sent).toEqual([['a', 'b'], ['c']])
  })

  it('each hear of a fault, and the next call is made as if there had been none', async () => {
    const { calls, sent } = someCalls({ fault: new Error('away') })
    const both = await Promise.allSettled([calls.ask('a'), calls.ask('b')])
    expect(both).toMatchObject([{ reason: { message: 'away' } }, { reason: { message: 'away' } }])
    await expect(calls.ask('c')).rejects.toThrow('away')
    expect(sent).toHaveLength(2)
  })

  it('are not sent for somebody who has left before', async () => {
    const { calls, sent } = someCalls()
    const left = new AbortController()
    const [leaving, staying] = [calls.ask('a', { signal: left.signal }), calls.ask('b')]
    left.abort(new Error('left'))
    await expect(leaving).rejects.toThrow('left')
    expect(await staying).toBe('B')
    await expect(calls.ask('c', { signal: left.signal })).rejects.toThrow('left')
    await turn()
    expect(sent).toEqual([['b']])
  })
})
