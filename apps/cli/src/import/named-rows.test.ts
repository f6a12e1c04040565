import { describe, expect, it } from 'vitest'
import { namedLines } from './named-rows.ts'

const linesFor = (byOutcome: Readonly<Record<string, number>>) => {
  const total = Object.values(byOutcome).reduce((sum, count) => sum + count, 0)
  const rows = { total, waiting: 0, underWay: 0, ended: total, byOutcome }
  const report = async (_id: string, _format: string, outcome?: string) =>
    (async function* () {
      for (let i = 1; i <= (byOutcome[outcome ?? ''] ?? 0); i++) {
        const field = outcome === 'invalid' ? { field: 'expireAt' } : {}
        yield Buffer.from(`${JSON.stringify({ key: `k${i}`, outcome, ...field, why: 'is wrong' })}\n`)
      }
    })()
  return namedLines({ report }, { id: 'i', rows })
}

describe('the sum names rows that came to nothing', () => {
  it('all of them, also those that were found wrong as they were done', async () => {
    expect(await linesFor({ enrolled: 4, invalid: 2, undecodable: 1 })).toEqual([
      '  k1: expireAt is wrong',
      '  k2: expireAt is wrong',
      '  k1: is wrong',
    ])
  })

  it('up to ten of a kind, and tells how many more there are', async () => {
    const lines = await linesFor({ invalid: 12, failed: 11 })
    expect(lines).toHaveLength(22)
    expect(lines[10]).toBe('  and 2 more (invalid), in the report')
    expect(lines[21]).toBe('  and 1 more (failed), in the report')
  })

  it('and asks for no report of an import that went well', async () => {
    const report = () => Promise.reject(new Error('not to be asked'))
    const rows = { total: 1, waiting: 0, underWay: 0, ended: 1, byOutcome: { enrolled: 1 } }
    expect(await namedLines({ report }, { id: 'i', rows })).toEqual([])
  })
})
