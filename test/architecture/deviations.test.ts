import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DEVIATIONS, UNDESCRIBED_STATUSES } from '@semblance/testkit'
import { expect, it } from 'vitest'

const page = readFileSync(join(import.meta.dirname, '../../docs/migrating.md'), 'utf8')
const [, table = ''] = page.split('| the public description | here | why |\n|---|---|---|\n')
const rows = table.slice(0, table.indexOf('\n\n')).split('\n')

it('tells every answer of ours that the public description lacks, in a table of at most five rows', () => {
  expect(rows.length).toBeGreaterThan(0)
  expect(rows.length).toBeLessThanOrEqual(5)
  const told = (status: number | string) => rows.some((row) => new RegExp(`\\b${status}\\b`).test(row))
  const statuses = [...UNDESCRIBED_STATUSES, ...DEVIATIONS].map(
    (name) => String(name).split(' ').at(-1) ?? '',
  )
  expect(statuses.filter((status) => !told(status))).toEqual([])
})
