import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findShapeProblem } from './json-shape.ts'

const judge = (text: string) => findShapeProblem(Buffer.from(text))

describe('findShapeProblem', () => {
  it('lets honest JSON through, whatever its strings hold', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 20 }), (json) => {
        expect(judge(json)).toBeNull()
      }),
    )
    expect(judge(JSON.stringify({ x: '[{'.repeat(1000), y: '\\'.repeat(99), z: '\\"[[' }))).toBeNull()
  })

  it('tells depth and number apart from what stands in strings', () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
    expect(judge(nested(64))).toBeNull()
    expect(judge(nested(65))).toContain('levels')
    expect(judge(`["\\\\",${nested(64)}]`)).toContain('levels')
    expect(judge(`[${'1,'.repeat(100_001)}1]`)).toContain('values')
    expect(judge('[]'.repeat(100_001))).toContain('values')
  })

  it('comes to an end on text that is not JSON', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(judge(text)).toBeNull()
      }),
    )
    expect(judge(`"${'\\"'.repeat(100_000)}`)).toBeNull()
  })
})
