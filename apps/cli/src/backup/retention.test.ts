import { expect, it } from 'vitest'
import type { WholeBackup } from './backup-folder.ts'
import { outdated, type Retention } from './retention.ts'

const backupAt = (at: string): WholeBackup => ({
  path: at,
  summary: {
    version: 1,
    at,
    database: { bytes: 1, sha256: '' },
    pictures: { files: 0, bytes: 0 },
  },
})
/** Newest first. 2027-01-04 is a Monday. */
const BACKUPS = [
  '2027-01-05T09:00:00.000Z',
  '2027-01-05T08:00:00.000Z',
  '2027-01-04T00:00:00.000Z',
  '2027-01-03T23:59:59.000Z',
  '2026-12-28T12:00:00.000Z',
  '2026-12-27T12:00:00.000Z',
].map(backupAt)

it.each<[string, Retention, number[]]>([
  ['no rule', {}, [0, 1, 2, 3, 4, 5]],
  ['the newest two', { keep: 2 }, [0, 1]],
  ['more than there are', { keep: 99 }, [0, 1, 2, 3, 4, 5]],
  ['one of each of three days', { keepDaily: 3 }, [0, 2, 3]],
  ['one of each of two weeks', { keepWeekly: 2 }, [0, 3]],
  ['one of each of many weeks', { keepWeekly: 99 }, [0, 3, 5]],
  ['what any rule keeps', { keep: 2, keepDaily: 2, keepWeekly: 3 }, [0, 1, 2, 3, 5]],
])('keeps %s', (_what, rules, kept) => {
  const leaving = new Set(outdated(BACKUPS, rules))
  expect([...BACKUPS.keys()].filter((at) => !leaving.has(BACKUPS[at]!))).toEqual(kept)
})

it('keeps the newest, whatever the rules are', () => {
  for (const rules of [{ keep: 0 }, { keepDaily: 0 }, { keepWeekly: 0 }])
    expect(outdated(BACKUPS, rules)).not.toContain(BACKUPS[0])
})
