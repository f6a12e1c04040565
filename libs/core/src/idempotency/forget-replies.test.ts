import { describe, expect, it, vi } from 'vitest'
import { aClock, createNaiveIdempotencyStore } from '../testing/index.ts'
import { forgetOldReplies, REPLY_LIFETIME_MS, startForgettingReplies } from './forget-replies.ts'

async function aStoreWith(count: number) {
  const clock = aClock()
  const store = createNaiveIdempotencyStore(clock)
  for (let i = 0; i < count; i++) {
    const held = { key: `key-${i}`, holder: 'me' }
    await store.claim({ ...held, fingerprint: 'f', seed: `s-${i}`, leaseMs: 1000 })
    await store.complete(held, null)
  }
  return { clock, store }
}

describe('remembered answers', () => {
  it('are kept for 24 hours and all erased after, however many they are', async () => {
    const { clock, store } = await aStoreWith(450)
    clock.advance(REPLY_LIFETIME_MS - 1)
    expect(await forgetOldReplies(store)).toBe(0)
    clock.advance(1)
    expect(await forgetOldReplies(store)).toBe(450)
    expect(await forgetOldReplies(store)).toBe(0)
  })

  it('are no longer erased once the process stops', async () => {
    const { clock, store } = await aStoreWith(1)
    clock.advance(REPLY_LIFETIME_MS)
    await expect(forgetOldReplies(store, { signal: AbortSignal.abort() })).rejects.toThrow()
    expect(await forgetOldReplies(store)).toBe(1)
  })

  it('are erased in a later pass if one fails, and the fault is told', async () => {
    const fault = new Error('away')
    const forget = vi.fn().mockRejectedValueOnce(fault).mockResolvedValue(0)
    const faults: unknown[] = []
    const keeper = startForgettingReplies({ forget }, { everyMs: 1, onFault: (told) => faults.push(told) })
    await expect.poll(() => forget.mock.calls.length).toBeGreaterThan(2)
    await keeper.stop()
    const passes = forget.mock.calls.length
    expect(faults).toEqual([fault])
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(forget).toHaveBeenCalledTimes(passes)
  })
})
