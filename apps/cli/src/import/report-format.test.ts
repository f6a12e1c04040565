import { expect, it } from 'vitest'
import { reportFormatOf } from './report-format.ts'

it.each([
  ['report.csv', 'csv'],
  ['report', 'csv'],
  ['-', 'csv'],
  ['ndjson', 'csv'],
  ['a.b/report.NDJSON', 'ndjson'],
  ['report.jsonl', 'ndjson'],
])('a report in %s is %s', (file, format) => {
  expect(reportFormatOf(file)).toBe(format)
})
