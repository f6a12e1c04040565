import { aClock } from '@semblance/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryPicturesInFlight } from './memory-pictures-in-flight.ts'

describe('pictures in the memory of this process', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('leave the memory after their time even if nobody asks again', async () => {
    const clock = aClock()
    const pictures = createMemoryPicturesInFlight({ maxBytes: 100, ttlMs: 1000, clock })
    let bytes: Uint8Array | null = new Uint8Array(60)
    await pictures.put(bytes)
    bytes = null
    expect(vi.getTimerCount()).toBe(1)
    clock.advance(1000)
    vi.advanceTimersByTime(1000)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('are handed out without a copy', async () => {
    const pictures = createMemoryPicturesInFlight({ maxBytes: 100, ttlMs: 1000, clock: aClock() })
    const bytes = Uint8Array.of(1, 2)
    expect(await pictures.get(await pictures.put(bytes))).toBe(bytes)
  })
})
