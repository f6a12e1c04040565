import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const LOCK = '{}'

describe.skipIf(process.platform === 'win32')('npm test', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'semblance-test-of-tests-'))
    const put = async (file: string, text: string) => {
      await mkdir(dirname(join(folder, file)), { recursive: true })
      await writeFile(join(folder, file), text)
    }
    await put('package-lock.json', LOCK)
    await put('node_modules/.semblance-setup', createHash('sha256').update(LOCK).digest('hex'))
    for (const done of ['@biomejs/biome/bin/biome', 'typescript/bin/tsc'])
      await put(`node_modules/${done}`, '')
    await mkdir(join(folder, 'node_modules/node/bin'), { recursive: true })
    await symlink(process.execPath, join(folder, 'node_modules/node/bin/node'))
    await mkdir(join(folder, 'deploy'))
    for (const file of (await readdir(join(root, 'deploy'))).filter((name) => name.endsWith('.mjs')))
      await copyFile(join(root, 'deploy', file), join(folder, 'deploy', file))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  /** `vitest`: what stands in its place. */
  async function runTests(vitest: string, signal?: NodeJS.Signals) {
    await mkdir(join(folder, 'node_modules/vitest'), { recursive: true })
    await writeFile(join(folder, 'node_modules/vitest/vitest.mjs'), vitest)
    const args = [join(folder, 'deploy/setup.mjs'), 'test']
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        said += String(chunk)
      })
    const ended = once(child, 'close')
    if (signal !== undefined) {
      await expect.poll(() => said, { timeout: 20_000 }).toContain('a test runs')
      child.kill(signal)
    }
    await ended
    return { code: child.exitCode, lines: said.trim().split('\n') }
  }

  const report = (tests: object) => `
    import { writeFileSync } from 'node:fs'
    const file = process.argv.find((arg) => arg.startsWith('--outputFile.json=')).split('=')[1]
    const write = () => writeFileSync(file, ${JSON.stringify(JSON.stringify(tests))})
  `
  const none = { testResults: [], numPendingTests: 0, numTodoTests: 0, numFailedTests: 0, numPassedTests: 0 }
  const runs = `console.log('a test runs'); setInterval(() => {}, 1000)`

  it.each(['SIGINT', 'SIGTERM'] as const)('that is interrupted by %s counts no failure', async (signal) => {
    const { code, lines } = await runTests(runs, signal)
    expect(code).not.toBe(0)
    expect(lines.at(-1)).toBe('interrupted: no result')
  })

  it('that is interrupted does not take the report of what had ended for the result', async () => {
    const handler = `process.on('SIGINT', () => { write(); process.exit(130) });`
    const { code, lines } = await runTests(report(none) + handler + runs, 'SIGINT')
    expect(code).toBe(130)
    expect(lines.at(-1)).toBe('interrupted: no result')
  })

  it('whose runner ends without a report says so', async () => {
    const { code, lines } = await runTests('process.exit(7)')
    expect(code).toBe(7)
    expect(lines.at(-1)).toBe('no result: the tests ended early (exit code 7); see above')
  })

  it('closes with what passed, failed and was skipped', async () => {
    const tests = { ...none, numPassedTests: 3, numFailedTests: 1, numTodoTests: 2 }
    const { code, lines } = await runTests(`${report(tests)}write(); process.exit(1)`)
    expect(code).toBe(1)
    expect(lines.at(-1)).toBe('3 passed, 1 failed, 2 skipped')
  })
})
