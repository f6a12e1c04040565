import type { ImportRow, RowOutcome } from '@semblance/core'
import { expect, it } from 'vitest'
import { reportLineOf } from './report-line.ts'

it.each([
  ['was tried three times in its only claim', 1, 3, 3],
  ['was tried three times in its second claim', 2, 3, 4],
  ['was written by an older version', 2, undefined, 2],
  ['was not begun', 0, undefined, 0],
] as const)('a row that %s says how often, and whether it may pass', (_what, claims, tries, told) => {
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
