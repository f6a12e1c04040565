import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { chartFolder } from './helm.ts'
import { valuesTables } from './values-table.ts'

const HEADING = '## Values\n'

// `npx vitest run test/chart/readme.test.ts -u` writes the tables anew.
it("lists every value in the chart's README, with the comment above it", async () => {
  const readme = join(chartFolder, 'README.md')
  const [words = ''] = readFileSync(readme, 'utf8').split(HEADING)
  const tables = valuesTables(readFileSync(join(chartFolder, 'values.yaml'), 'utf8'))
  await expect(`${words}${HEADING}\n${tables}`).toMatchFileSnapshot(readme)
})

it('refuses a value that nobody has explained', () => {
  expect(() => valuesTables('a:\n  # What it is.\n  b: 1\n  c: 2\n')).toThrow('a.c has no comment')
})
