import { aClock } from '@semblance/testkit'
import { describe, expect, it } from 'vitest'
import { RedisClock } from './redis-clock.ts'

/** A server whose clock is so much ahead of our monotonic one, and an answer that takes so long each way. */
function setUp(aheadMs: number) {
  const clock = aClock()
  const server = { aheadMs }
  const ask = (there: number, back: number) => async () => {
    clock.advance(there)
    const ms = clock.monotonic() + server.aheadMs
    clock.advance(back)
    return [String(Math.floor(ms / 1000)), String(Math.round((ms % 1000) * 1000))]
  }
  const redisClock = new RedisClock(clock)
  const errorMs = () => redisClock.now() - (clock.monotonic() + server.aheadMs)
  return { clock, server, ask, redisClock, errorMs }
}

describe('the clock of Redis', () => {
  it('is not known before it is asked', () => {
    const { redisClock } = setUp(0)
    expect(redisClock.isMeasured).toBe(false)
    expect(() => redisClock.now()).toThrow()
  })

  it('is right within half a round trip, however wrong ours is, and stays so', async () => {
    const { clock, ask, redisClock, errorMs } = setUp(1.7e12)
    await redisClock.measure(ask(0, 40))
    expect(Math.abs(errorMs())).toBeLessThanOrEqual(20.01)
    clock.advance(50_000)
    expect(Math.abs(errorMs())).toBeLessThanOrEqual(20.01)
  })

  it('is not spoilt by a slow answer', async () => {
    const { ask, redisClock, errorMs } = setUp(5e6)
    await redisClock.measure(ask(1, 1))
    await redisClock.measure(ask(0, 5000))
    expect(Math.abs(errorMs())).toBeLessThan(2)
  })

  it('follows a server that took over, at last even by slow answers', async () => {
    const { clock, server, ask, redisClock, errorMs } = setUp(5e6)
    await redisClock.measure(ask(1, 1))
    server.aheadMs += 30_000
    await redisClock.measure(ask(100, 150))
    expect(Math.abs(errorMs())).toBeGreaterThan(29_000)
    clock.advance(60_000)
    await redisClock.measure(ask(100, 150))
    expect(Math.abs(errorMs())).toBeLessThanOrEqual(125)
    server.aheadMs -= 45_000
    await redisClock.measure(ask(3, 3))
    expect(Math.abs(errorMs())).toBeLessThan(4)
  })
})
