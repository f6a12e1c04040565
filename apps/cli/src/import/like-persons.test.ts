import { expect, it } from 'vitest'
import type { ImportAnswer } from './import-calls.ts'
import { likeLines } from './like-persons.ts'

const REPORT = [
  { position: 1, outcome: 'enrolled', likePersonId: 'p', likeDistance: 0.4 },
  { position: 2, outcome: 'enrolled' },
  { position: 3, outcome: 'same-person', likePersonId: 'p' },
]

async function linesFor(fields: Partial<ImportAnswer>) {
  const rows = { total: 3, waiting: 0, underWay: 0, ended: 3, byOutcome: { enrolled: 2 } }
  const made = { id: 'i', state: 'done', samePerson: 'report', rows, ...fields } as ImportAnswer
  const text = REPORT.map((line) => `${JSON.stringify(line)}\n`).join('')
  const report = async () =>
    (async function* () {
      // Cut within a line.
      yield Buffer.from(text.slice(0, 20))
      yield Buffer.from(text.slice(20))
    })()
  return likeLines({ report }, made)
}

it('tells how many were enrolled whose face is like that of another person', async () => {
  expect(await linesFor({})).toEqual([
    '  1 enrolled whose face is like that of another person (likePersonId in the report)',
  ])
})

it('says nothing where nobody asked, or the import goes on', async () => {
  expect(await linesFor({ samePerson: 'off' })).toEqual([])
  expect(await linesFor({ state: 'running' })).toEqual([])
})
