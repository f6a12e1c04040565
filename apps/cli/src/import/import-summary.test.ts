import { describe, expect, it } from 'vitest'
import type { ImportAnswer } from './import-calls.ts'
import { cancelledLines, importLines, lossesOf, sourceNoteLines, summaryLines } from './import-summary.ts'

const rows = {
  total: 3,
  waiting: 0,
  underWay: 0,
  ended: 3,
  byOutcome: { enrolled: 1, 'no-face': 1, undecodable: 1 },
}
const made = { name: 'photos', state: 'done', dryRun: false, rows } as const

describe('the sum of an import', () => {
  it('counts one and many, each in its words', () => {
    const { byOutcome } = rows
    expect(importLines(made)).toEqual([
      'Import "photos" is done: 3 of 3 rows have ended.',
      '  1  enrolled',
      '  1  picture without a face',
      '  1  file that is no picture, or too large',
    ])
    const twice = { ...rows, byOutcome: { ...byOutcome, 'no-face': 2 } }
    expect(importLines({ ...made, rows: twice })).toContain('  2  pictures without a face')
  })

  it('of a dry run says that nothing was written', () => {
    const lines = importLines({ ...made, dryRun: true })
    expect(lines.slice(1, 3)).toEqual(['Dry run: nothing was written.', '  1  would be enrolled'])
  })

  it('has the rows that came to nothing after the counts, and then the notes', () => {
    const sent = { notes: ['passed over 1 file'] }
    const lines = summaryLines(made as unknown as ImportAnswer, sent, ['  k: picture is empty'])
    expect(lines.slice(-2)).toEqual(['  k: picture is empty', '  note: passed over 1 file'])
  })

  it('has what the server has noted of a source that it read, as text that a terminal may be shown', () => {
    const source = {
      url: 's3://a/b.tar',
      state: 'read',
      rows: 1,
      notes: ['passed over 1 file', 'a \u001b[2J b'],
    }
    const lines = summaryLines({ ...made, source } as unknown as ImportAnswer, { notes: [] }, [])
    expect(lines.slice(-2)).toEqual(['  note: passed over 1 file', '  note: a \ufffd[2J b'])
    expect(sourceNoteLines({})).toEqual([])
  })

  it('of a paused one tells what is still under way, and that most of it is given back', () => {
    const counts = { total: 56, waiting: 48, underWay: 8, ended: 0, byOutcome: {} }
    const lines = (state: ImportAnswer['state'], underWay: number) =>
      importLines({ ...made, state, rows: { ...counts, underWay } })
    expect(lines('paused', 8)).toEqual([
      'Import "photos" is paused: 0 of 56 rows have ended.',
      '8 rows are under way still: those on which work has begun end, which are a few. The others wait again.',
    ])
    expect(lines('cancelled', 8)[1]).toContain('The others are cancelled.')
    expect(lines('paused', 1)[1]).toBe(
      '1 row is under way still: it ends if work on it has begun. Else it waits again.',
    )
    expect(lines('running', 8)).toHaveLength(1)
    expect(lines('paused', 0)).toHaveLength(1)
  })

  it('of a cancelled one says what becomes of the rows that wait', () => {
    const left = { ...rows, total: 5, waiting: 2 }
    expect(cancelledLines({ state: 'cancelled', rows: left })).toEqual([
      '2 rows that wait are cancelled, and their pictures removed.',
    ])
    expect(cancelledLines({ state: 'cancelled', rows })).toEqual([])
    expect(cancelledLines({ state: 'paused', rows: left })).toEqual([])
    const counts = { total: 3, waiting: 0, underWay: 0, ended: 3, byOutcome: { enrolled: 1, cancelled: 2 } }
    expect(importLines({ ...made, state: 'cancelled', rows: counts })).toContain(
      '  2  rows that were cancelled',
    )
    expect(lossesOf({ state: 'cancelled', rows: counts })).toBe(2)
  })

  it('counts each row as lost that did not become what it was meant to', () => {
    expect(lossesOf(made)).toBe(2)
    expect(lossesOf({ ...made, rows: { ...rows, byOutcome: { enrolled: 2, invalid: 1 } } })).toBe(1)
    const left = { ...rows, total: 5, waiting: 2, byOutcome: { enrolled: 3 } }
    expect(lossesOf({ state: 'cancelled', rows: left })).toBe(2)
    expect(lossesOf({ state: 'running', rows: left })).toBe(0)
  })
})
