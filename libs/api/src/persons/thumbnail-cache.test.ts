import { describe, expect, it, vi } from 'vitest'
import { ThumbnailCache } from './thumbnail-cache.ts'

const KEEP_MS = 1_000
let now = 0
const clock = { now: () => now, monotonic: () => now }
const open = (maxBytes: number) => new ThumbnailCache({ maxBytes, keepMs: KEEP_MS }, clock)
const picture = (bytes: number) => new Uint8Array(bytes)

describe('the cache of thumbnails', () => {
  it('holds no more than its bytes, and lets go of what was asked for longest ago', () => {
    const cache = open(4_000)
    for (const key of ['a', 'b', 'c']) cache.put(key, picture(1_000))
    expect(cache.get('a')).not.toBeNull()
    cache.put('d', picture(1_000))
    expect(['a', 'b', 'c', 'd'].filter((key) => cache.get(key) !== null)).toEqual(['a', 'c', 'd'])
    expect(cache.bytes).toBeLessThanOrEqual(4_000)
    for (let i = 0; i < 500; i++) cache.put(`e${i}`, picture(0))
    expect(cache.bytes).toBeLessThanOrEqual(4_000)
  })

  it('does not take what is larger than all of it, and nothing at 0', () => {
    const cache = open(1_000)
    cache.put('a', picture(500))
    cache.put('b', picture(1_001))
    expect([cache.get('a') !== null, cache.get('b')]).toEqual([true, null])
    const none = open(0)
    none.put('a', picture(1))
    expect([none.get('a'), none.bytes]).toEqual([null, 0])
  })

  it('forgets everything after its time, also if nobody asks', () => {
    vi.useFakeTimers()
    try {
      const cache = open(10_000)
      cache.put('a', picture(10))
      now += KEEP_MS - 1
      expect(cache.get('a')).not.toBeNull()
      now += 1
      vi.advanceTimersByTime(KEEP_MS)
      expect(cache.bytes).toBe(0)
      cache.put('b', picture(10))
      now += KEEP_MS
      expect([cache.get('b'), cache.bytes]).toEqual([null, 0])
    } finally {
      vi.useRealTimers()
    }
  })

  it('counts what is put twice once', () => {
    const cache = open(10_000)
    cache.put('a', picture(100))
    const { bytes } = cache
    cache.put('a', picture(100))
    expect(cache.bytes).toBe(bytes)
  })
})
