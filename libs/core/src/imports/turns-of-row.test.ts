import { expect, it } from 'vitest'
import { importerInstallation } from '../testing/importer-installation.ts'
import { anImport, aRow, PLAIN_POLICIES } from '../testing/index.ts'
import type { ImportPolicies } from './import.ts'
import type { RowDraft } from './import-row.ts'

const ada = { by: 'externalId', externalId: 'ada' } as const

/** Each row's key as it begins and as it ends, with how many outcomes are written at the first. */
async function stepsOf(rows: readonly Partial<RowDraft>[], policies: Partial<ImportPolicies> = {}) {
  const { imports, start, stateOf } = importerInstallation()
  const made = anImport({ state: 'running', takesRows: false, policies: { ...PLAIN_POLICIES, ...policies } })
  await imports.records.insert(made)
  await imports.rows.add(made.id, rows.map(aRow))
  const steps: string[] = []
  start(async ({ row }) => {
    const ended = (await imports.rows.list({ id: made.id, after: 0, limit: 100 })).filter(
      ({ outcome }) => outcome !== null,
    )
    steps.push(`${row.key} begins after ${ended.length}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
    steps.push(`${row.key} ends`)
    return { kind: 'no-face' }
  })
  await expect.poll(() => stateOf(made.id), { timeout: 5_000 }).toBe('done')
  return steps
}

it('has rows with one picture of one person done one after the other, each once the last one is written', async () => {
  const same = { person: ada, pictureSha256: 'ab' }
  const rows = ['a', 'b', 'c'].map((key) => ({ key, ...same }))
  const oneByOne = ['a begins after 0', 'a ends', 'b begins after 1', 'b ends', 'c begins after 2', 'c ends']
  expect(await stepsOf(rows)).toEqual(oneByOne)
  expect(await stepsOf(rows, { dryRun: true })).toEqual(oneByOne)
})

it('keeps no row of another import waiting for those that wait for each other', async () => {
  const { imports, start, begin, stateOf } = importerInstallation()
  const same = await begin(0)
  const rows = Array.from({ length: 200 }, (_, i) => aRow({ key: `${i}`, person: ada, pictureSha256: 'ab' }))
  await imports.rows.add(same, rows)
  const other = await begin(300)
  const ended: string[] = []
  start(async ({ importId }) => {
    await new Promise((resolve) => setTimeout(resolve, 1))
    ended.push(importId)
    return { kind: 'no-face' }
  }, 16)
  await expect.poll(() => stateOf(other), { timeout: 15_000 }).toBe('done')
  const before = ended.slice(0, ended.lastIndexOf(other))
  expect(before.filter((id) => id === same).length).toBeLessThan(100)
}, 20_000)

it('has other rows done side by side', async () => {
  const rows = [
    { key: 'ada', person: ada, pictureSha256: 'ab' },
    { key: 'other picture', person: ada, pictureSha256: 'cd' },
    { key: 'nobody has seen it', person: ada, pictureSha256: null },
    { key: 'somebody else', pictureSha256: 'ab' },
  ]
  const begin = rows.map(({ key }) => `${key} begins after 0`)
  expect((await stepsOf(rows)).slice(0, 4).toSorted()).toEqual(begin.toSorted())
  const same = rows.slice(0, 2).map((row) => ({ ...row, pictureSha256: 'ab' }))
  expect((await stepsOf(same, { samePicture: 'enroll' })).slice(0, 2).toSorted()).toEqual(
    begin.slice(0, 2).toSorted(),
  )
})
