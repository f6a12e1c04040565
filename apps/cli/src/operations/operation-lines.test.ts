import { expect, it } from 'vitest'
import { operationLines } from './operation-progress.ts'

const ended = {
  id: 'one',
  kind: 'find-duplicates',
  state: 'done',
  done: 5,
  total: 5,
  skipped: 0,
  progress: { unitsPerSecondLately: null, etaSeconds: null },
  createdAt: '2027-01-31T04:00:00.000Z',
  endedAt: '2027-01-31T04:00:01.000Z',
}
const { endedAt: _none, ...open } = ended
const running = { ...open, state: 'running', done: 1, progress: { unitsPerSecondLately: 2, etaSeconds: 2 } }

it('tells the pace of what is under way, and has no column for it where all have ended', () => {
  expect(operationLines([ended]).join()).not.toContain('pace')
  const [head, first, second, third] = operationLines([running, ended, { ...running, state: 'paused' }])
  expect(head).toMatch(/done +pace$/)
  expect(first).toMatch(/1 of 5 +2\.0 a second, 2 s left$/)
  expect(second).toMatch(/5 of 5$/)
  expect(third).toMatch(/paused +1 of 5$/)
})
