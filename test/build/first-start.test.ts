import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const LOG_LINE = '{"level":30,"msg":"request"}'
/** Stands in for npm: says something, and installs the pinned Node. */
const NPM = `
import { mkdirSync, symlinkSync } from 'node:fs'
console.log('added 1 package in 1s')
mkdirSync('node_modules/node/bin', { recursive: true })
symlinkSync(process.execPath, 'node_modules/node/bin/node')
`

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'semblance-first-start-'))
  await cp(join(root, 'deploy'), join(folder, 'deploy'), { recursive: true })
  await mkdir(join(folder, 'apps/standalone/src'), { recursive: true })
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  await writeFile(join(folder, 'package-lock.json'), '{}')
  await writeFile(join(folder, 'npm.mjs'), NPM)
  await writeFile(join(folder, 'apps/standalone/src/main.ts'), `console.log('${LOG_LINE}')`)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

it('puts nothing but the log on standard output, while it installs and after that', async () => {
  const start = () =>
    promisify(execFile)(process.execPath, [join(folder, 'deploy/setup.mjs'), 'start'], {
      cwd: folder,
      env: { ...process.env, npm_execpath: join(folder, 'npm.mjs') },
    })
  const first = await start()
  expect(first.stdout).toBe(`${LOG_LINE}\n`)
  expect(first.stderr).toContain('added 1 package')
  expect((await start()).stdout).toBe(`${LOG_LINE}\n`)
})
