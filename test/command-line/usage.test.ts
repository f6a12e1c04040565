import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { spawnScript } from '../servers/server-process.ts'

let emptyFolder: string
beforeAll(async () => {
  emptyFolder = await mkdtemp(join(tmpdir(), 'semblance-no-photos-'))
})
afterAll(() => rm(emptyFolder, { recursive: true }))

async function runScript(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
) {
  const { process: child, output } = spawnScript(script, env, args)
  if (child.exitCode === null) await once(child, 'close')
  return { code: child.exitCode, said: output() }
}

describe.each([
  ['test/bench/main.ts', 'usage: npm run bench -- [part ...]', [['sevring'], ['--jsno'], ['index', 'x']]],
  [
    'test/accuracy/evaluate.ts',
    'usage: npm run evaluate -- <folder>',
    [[], ['/no/such/folder'], ['EMPTY'], ['EMPTY', 'x'], ['EMPTY', '--limit', 'ten'], ['--fast']],
  ],
] as const)('%s', (script, usage, wrong) => {
  it.each(
    wrong.map((args) => [args]),
  )('told %j says what is wrong and how it is used, without a stack', async (args) => {
    const { code, said } = await runScript(
      script,
      args.map((word) => (word === 'EMPTY' ? emptyFolder : word)),
    )
    expect(code).toBe(2)
    expect(said).toContain(usage)
    expect(said).not.toMatch(/^ {4}at |positional argument/m)
  })
})

describe('test/bench/main.ts', () => {
  it('does not end with 0 when a part could not be measured', async () => {
    const { code, said } = await runScript('test/bench/main.ts', ['serving'], {
      SEMBLANCE_SHARED: emptyFolder,
    })
    expect(code).toBe(1)
    expect(said).toContain('skipped: serving: no reference photos')
  })
})

describe('deploy/setup.mjs', () => {
  it.each([
    'start',
    'gateway',
    'worker',
    'dev:cluster',
  ])('starts no %s that is told what it does not know', async (task) => {
    const { code, said } = await runScript('deploy/setup.mjs', [task, '--port=1'])
    expect(code).toBe(2)
    expect(said).toContain(`${task} takes no arguments (--port=1)`)
  })
})
