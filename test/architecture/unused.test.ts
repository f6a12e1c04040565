import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

it('no file, export or package is there that nothing uses, and none is used that is not declared', {
  timeout: 90_000,
}, () => {
  const knip = join(root, 'node_modules/knip/bin/knip.js')
  const { stdout, stderr } = spawnSync(process.execPath, [knip, '--no-progress'], {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
  })
  expect(stdout + stderr).toBe('')
})

it('every type that an index gives is named by a signature, or by somebody who imports it', () => {
  // knip is told to pass over them, since callers have most of these types without ever naming them.
  const files = globSync('{apps,libs,test}/**/*.ts', {
    cwd: root,
    exclude: ['**/node_modules/**', '**/dist/**'],
  })
  const isIndex = (file: string) => basename(file) === 'index.ts'
  const textOf = (file: string) => readFileSync(join(root, file), 'utf8')
  const counts = new Map<string, number>()
  for (const file of files.filter((one) => !isIndex(one)))
    for (const word of textOf(file).match(/\w+/g) ?? []) counts.set(word, (counts.get(word) ?? 0) + 1)
  const given = files
    .filter(isIndex)
    .flatMap((file) => [...textOf(file).matchAll(/^export type \{([^}]*)\}|\btype (\w+)/gm)])
    .flatMap(([, list, one]) => list?.match(/\w+/g) ?? [one ?? ''])
  expect(given.length).toBeGreaterThan(100)
  // The first is where it is declared.
  expect(given.filter((name) => (counts.get(name) ?? 0) < 2)).toEqual([])
})
