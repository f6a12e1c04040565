import type { GalleryFilter } from '@semblance/core'
import { aClock } from '@semblance/testkit'
import { describe, expect, it } from 'vitest'
import type { QdrantCalls } from './qdrant-calls.ts'
import { digestOf, SearchParamsByFilter } from './search-params.ts'

const named = (...values: string[]): GalleryFilter => ({
  groups: null,
  field: { field: 'name', op: 'in', values },
})

function setUp() {
  const clock = aClock()
  const asked = { count: 0 }
  const run = async () => {
    asked.count += 1
    return { count: 7 }
  }
  const calls = { run } as unknown as QdrantCalls
  return { clock, asked, paramsByFilter: new SearchParamsByFilter({ calls, collection: 'c', clock }) }
}

describe('how many points pass a filter', () => {
  it('is asked once in 30 s for each filter', async () => {
    const { clock, asked, paramsByFilter } = setUp()
    for (const name of ['Ada', 'Ada', 'Grace', 'Ada']) await paramsByFilter.choose(named(name))
    expect(asked.count).toBe(2)
    clock.advance(30_000)
    await paramsByFilter.choose(named('Ada'))
    expect(asked.count).toBe(3)
  })

  it('is remembered for the latest thousand filters', async () => {
    const { asked, paramsByFilter } = setUp()
    for (let i = 0; i < 1_001; i++) await paramsByFilter.choose(named(`n${i}`))
    asked.count = 0
    await paramsByFilter.choose(named('n1000'))
    await paramsByFilter.choose(named('n1'))
    expect(asked.count).toBe(0)
    await paramsByFilter.choose(named('n0'))
    expect(asked.count).toBe(1)
  })

  it('is remembered by a key of one length, however long the filter is', () => {
    const long = named(...Array.from({ length: 10_000 }, (_, i) => `name ${i}`))
    expect(digestOf(long)).toHaveLength(43)
    expect(digestOf(long)).not.toContain('name')
    expect(digestOf(long)).toBe(digestOf(structuredClone(long)))
    expect(digestOf(named('a', 'b'))).not.toBe(digestOf(named('a,b')))
  })

  it('of a thousand filters of 100 KB each does not keep them', async () => {
    const { paramsByFilter } = setUp()
    const filler = 'x'.repeat(100_000)
    globalThis.gc?.()
    const before = process.memoryUsage().heapUsed
    for (let i = 0; i < 1_000; i++) await paramsByFilter.choose(named(`${i}${filler}`))
    globalThis.gc?.()
    const grown = process.memoryUsage().heapUsed - before
    // Whole filters would be 100 MB; what has not been collected yet is less.
    expect(grown).toBeLessThan(50_000_000)
  })
})
