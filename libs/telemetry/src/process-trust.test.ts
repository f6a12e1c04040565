import { afterEach, describe, expect, test, vi } from 'vitest'
import { ProcessTrust } from './process-trust.ts'

afterEach(() => vi.useRealTimers())

/** The process is asked to stop as by a signal; nobody here ends for it. */
function aTrust(blame: (fault: unknown) => boolean = () => false) {
  vi.useFakeTimers()
  const exits: number[] = []
  const told: { readonly err: unknown; readonly text: string }[] = []
  const counted: string[] = []
  let stops = 0
  const onStop = () => {
    stops += 1
  }
  process.on('SIGTERM', onStop)
  const trust = new ProcessTrust({ blame, exit: (code) => exits.push(code), deadlineMs: 1_000 })
  trust.logTo({
    fatal: ((fields: { err: unknown }, text: string) => told.push({ ...fields, text })) as never,
  })
  trust.countWith((where) => counted.push(where))
  // Only its own listeners are called: the test's runner has some, too.
  const before = process.listeners('uncaughtException')
  const endWatch = trust.watch()
  const judge = process.listeners('uncaughtException').find((listener) => !before.includes(listener))
  endWatch()
  const end = () => process.off('SIGTERM', onStop)
  const hear = (fault: Error) => judge?.(fault, 'uncaughtException')
  return { trust, exits, told, counted, stops: () => stops, hear, end }
}

describe('a fault that nobody caught', () => {
  test('and that is nobody’s own stops the process as a signal would, and ends it with 1 by a deadline', () => {
    const { trust, exits, told, counted, stops, hear, end } = aTrust()
    const fault = new Error('lost')
    hear(fault)
    end()
    expect([trust.isLost, stops(), counted]).toEqual([true, 1, ['process']])
    expect(told).toMatchObject([{ err: fault, text: expect.stringContaining('no longer trusted') }])
    expect(exits).toEqual([])
    vi.advanceTimersByTime(1_000)
    expect(exits).toEqual([1])
  })

  test('while the process stops is told, and does not stop it again', () => {
    const { told, counted, stops, hear, end } = aTrust()
    hear(new Error('first'))
    hear(new Error('second'))
    end()
    expect([stops(), told.length, counted]).toEqual([1, 2, ['process', 'process']])
  })

  test('and that one piece of work is blamed for leaves the process alone', () => {
    const blamed: unknown[] = []
    const { trust, stops, counted, hear, end } = aTrust((fault) => blamed.push(fault) > 0)
    const fault = new Error('of one request')
    hear(fault)
    end()
    expect(blamed).toEqual([fault])
    expect([trust.isLost, stops(), counted]).toEqual([false, 0, []])
  })
})

test('a thread that cannot be replaced stops the process in the same way', () => {
  const { trust, stops, counted, end } = aTrust()
  trust.lose('thread', new Error('dead'))
  end()
  expect([trust.isLost, stops(), counted]).toEqual([true, 1, ['thread']])
})

test('a stream of the process that cannot be written to any more is no fault', () => {
  const trust = new ProcessTrust({ exit: () => expect.fail('ended') })
  const endWatch = trust.watch()
  expect(process.stderr.listenerCount('error')).toBeGreaterThan(0)
  endWatch()
})
