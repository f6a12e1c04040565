import { expect, it } from 'vitest'
import { mayRetryLines, retriedLines } from './retry-lines.ts'

const rowsOf = (byOutcome: Readonly<Record<string, number>>) => ({
  total: 9,
  waiting: 0,
  underWay: 0,
  ended: 9,
  byOutcome,
})

it('tells how many rows are tried again, and of none what would take more', () => {
  const told = (retried: number | undefined, byOutcome = {}, all = false) =>
    retriedLines({ retried, rows: rowsOf(byOutcome) }, all)
  expect(told(1)).toEqual(['1 row is tried again.'])
  expect(told(2)).toEqual(['2 rows are tried again.'])
  expect(told(0, { enrolled: 9 })).toEqual([
    '0 rows are tried again: none failed for a reason that may pass.',
  ])
  for (const kind of ['failed', 'link-refused'])
    expect(told(0, { [kind]: 1 })[0]).toContain('--all takes those that failed for another reason, too')
  expect(told(0, { enrolled: 9 }, true)).toEqual(['0 rows are tried again.'])
  expect(told(undefined)).toEqual([])
})

it('tells how rows are tried again that failed for a reason that may pass, and of no others', async () => {
  const asked: unknown[] = []
  const ask = (lines: readonly object[], state: 'done' | 'cancelled' = 'done', failed = lines.length) => {
    const report = async (...given: unknown[]) => {
      asked.push(given)
      return (async function* () {
        yield Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
      })()
    }
    return mayRetryLines({ report }, { id: 'ID', state, rows: rowsOf({ failed }) })
  }
  const [passing, other] = [
    { key: 'a', mayPass: true },
    { key: 'b', mayPass: false },
  ]
  expect(await ask([other, passing])).toEqual([
    'Rows that failed for a reason that may pass are tried again by: semblance imports retry ID',
  ])
  expect(asked).toEqual([['ID', 'ndjson', 'failed']])
  expect(await ask([other])).toEqual([])
  expect(await ask([passing], 'cancelled')).toEqual([])
  expect(await ask([], 'done', 0)).toEqual([])
  expect(asked).toHaveLength(2)
})
