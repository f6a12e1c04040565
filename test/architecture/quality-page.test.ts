import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { QUALITY_NAMES, type QualityName, type QualityProfile, rangeOf } from '@semblance/core'
import { expect, it } from 'vitest'

const NO_LIMIT = 65_535

const page = readFileSync(join(import.meta.dirname, '../../docs/quality.md'), 'utf8')
const [, measured = ''] = page.split('## What is measured')
const rows = measured
  .split('\n## ')[0]!
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim()))

/** Every characteristic in the table, with its place among those that share its row. */
const documented = rows.flatMap(([, names = '', formula = '', , ranges = '', source = '']) =>
  [...names.matchAll(/`(\w+)`/g)].map(([, name], place) => {
    const [recommended = '', icao] = ranges.split('; ICAO: ')
    return { name, formula, recommended, icao: icao?.split(', ')[place], source }
  }),
)

function worded(name: QualityName, profile: QualityProfile): string {
  const [low, high] = rangeOf(name, profile) ?? []
  if (low === undefined) return 'none'
  if (high === NO_LIMIT) return `from ${low}`
  return low === high ? String(low) : `${low}..${high}`
}

it('gives every characteristic that is judged its formula and source, and the ranges that the code has', () => {
  const judged = QUALITY_NAMES.filter((name) => rangeOf(name, 'icao') !== null)
  expect(judged).toHaveLength(17)
  expect(documented.map(({ name }) => name)).toEqual(judged)
  for (const { name, formula, source, recommended, icao } of documented) {
    const [usual, strict] = [worded(name as QualityName, 'recommended'), worded(name as QualityName, 'icao')]
    expect([name, recommended, icao ?? recommended]).toEqual([name, usual, strict])
    expect([name, formula.length > 5, source.length > 5]).toEqual([name, true, true])
  }
})
