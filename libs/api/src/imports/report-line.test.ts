import type { ImportRow, RowOutcome } from '@semblance/core'
import { expect, it } from 'vitest'
import { reportLineOf } from './report-line.ts'

it.each([
  ['was tried three times in its only claim', { claims: 1, tries: 3, told: 3 }],
  ['was tried three times in its second claim', { claims: 2, tries: 3, told: 4 }],
  ['was written by an older version', { claims: 2, tries: undefined, told: 2 }],
  ['was not begun', { claims: 0, tries: undefined, told: 0 }],
])('a row that %s says how often, and whether it may pass', (_what, { claims, tries, told }) => {
  const outcome: RowOutcome = {
    kind: 'failed',
    why: 'no',
    isPassing: true,
    ...(tries !== undefined && { tries }),
  }
  const row = {
    position: 1,
    key: 'a',
    person: { by: 'key', key: 'a' },
    tries: claims,
    endedAt: null,
    outcome,
  } as ImportRow
  expect(reportLineOf(row)).toMatchObject({ outcome: 'failed', why: 'no', mayPass: true, tries: told })
})

it('a row of a dry run says so, and of another import nothing of the kind', () => {
  const outcome: RowOutcome = { kind: 'person-written', personId: null }
  const row = { position: 1, key: 'a', person: { by: 'key', key: 'a' }, tries: 1, endedAt: null, outcome }
  expect(reportLineOf(row as ImportRow, true)).toMatchObject({ outcome: 'person-written', dryRun: true })
  expect(reportLineOf(row as ImportRow)).not.toHaveProperty('dryRun')
})
