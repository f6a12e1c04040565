import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

it('no file, export or package is there that nothing uses, and none is used that is not declared', () => {
  const knip = join(root, 'node_modules/knip/bin/knip.js')
  const { stdout, stderr } = spawnSync(process.execPath, [knip, '--no-progress'], {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
  })
  expect(stdout + stderr).toBe('')
})
