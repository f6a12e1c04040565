import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { spawnServerProcess, startServerProcess } from '../servers/server-process.ts'
import { startStandaloneServer } from '../servers/standalone-server.ts'
import { callsTo } from './calls.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'semblance folders '))
})
afterAll(() => rm(root, { recursive: true, force: true }))

/** What a server prints that cannot start, and how it ends. */
async function failedStart(env: Readonly<Record<string, string>>) {
  const server = spawnServerProcess('standalone', { SEMBLANCE_PORT: '0', ...env })
  try {
    const [code] = await once(server.process, 'exit', { signal: AbortSignal.timeout(20_000) })
    return { code, output: server.output() }
  } finally {
    await server.end('SIGKILL')
  }
}

const isLinux = process.platform === 'linux'

describe('a data folder that cannot be one', () => {
  it.runIf(isLinux).each([
    ['/proc/semblance', /cannot be used: ENOENT/],
    ['/proc/self/semblance/data', /cannot be used: ENOENT/],
    ['/sys/semblance', /cannot be used: (EPERM|EROFS|EACCES)/],
    ['/dev/null', /cannot be used: it is not a folder/],
    ['/dev/null/data', /cannot be used: ENOTDIR/],
  ])('%s ends the start within seconds, in one line', async (folder, message) => {
    const { code, output } = await failedStart({ SEMBLANCE_DATA: folder })
    expect(code).toBe(1)
    expect(output).toMatch(message)
    expect(output).toContain(`the data folder ${folder}`)
    expect(output).not.toMatch(/^ +at /m)
  })

  it.runIf(isLinux).each(['lock.sqlite', 'semblance.sqlite'])(
    'with a pipe for %s does not wait for somebody to write to it',
    async (name) => {
      const folder = join(root, `pipe for ${name}`)
      await mkdir(folder)
      execFileSync('mkfifo', [join(folder, name)])
      const { code, output } = await failedStart({ SEMBLANCE_DATA: folder })
      expect(code).toBe(1)
      expect(output).toContain(`${name} in it is not a file`)
    },
  )

  it.runIf(isLinux)('is told apart from a models folder that cannot be one', async () => {
    const env = { SEMBLANCE_DATA: join(root, 'data'), SEMBLANCE_MODELS: '/proc/semblance' }
    const { code, output } = await failedStart(env)
    expect(code).toBe(1)
    expect(output).toMatch(/\/proc\/semblance\/tarballs cannot be written.*SEMBLANCE_MODELS/)
    expect(output).not.toMatch(/^ +at /m)
  })

  it('is told apart from a folder of packs without the pack', async () => {
    const packs = join(root, 'no packs')
    const env = { SEMBLANCE_DATA: join(root, 'data'), SEMBLANCE_PACKS: packs }
    const { code, output } = await failedStart(env)
    expect(code).toBe(1)
    expect(output).toContain(`${join(packs, 'builtin@2', 'pack.json')} cannot be read`)
    expect(output).not.toMatch(/^ +at /m)
  })
})

describe('under a running server a data folder', () => {
  it.each([
    // The server may make its reserve file meanwhile.
    { what: 'removed', takeAway: (path: string) => rm(path, { recursive: true, maxRetries: 5 }) },
    { what: 'moved away', takeAway: (path: string) => rename(path, `${path} to here`) },
  ])('that is $what ends every promise: writes fail and say why, and readiness names what is missing', async ({
    what,
    takeAway,
  }) => {
    const dataFolder = join(root, what)
    const server = await startStandaloneServer({ dataFolder })
    try {
      const calls = callsTo(server)
      const id = await calls.createPerson({ name: 'Ada' })
      await takeAway(dataFolder)
      for (const [method, path, body] of [
        ['POST', '/persons', { name: 'Grace' }],
        ['PUT', `/persons/${id}`, { name: 'Grace' }],
        ['DELETE', `/persons/${id}`, undefined],
      ] as const) {
        const { status, json } = await calls.ask(method, path, body)
        expect([status, json.type]).toEqual([503, 'E_STORE_UNAVAILABLE'])
        expect(json.msg).toMatch(/unavailable: its file was removed or replaced while the server was running/)
      }
      const ready = await calls.ask('GET', '/readiness')
      expect(ready.status).toBe(400)
      expect(ready.json.missing).toEqual(['sqlite', 'pictures'])
      expect(server.output()).toContain('its file was removed or replaced while the server was running')
    } finally {
      await server.kill()
    }
  }, 30_000)
})

describe('a process that may open too few files', () => {
  it.runIf(isLinux)('does not start, and says how many it needs and what to set', async () => {
    const start = startServerProcess('standalone', {
      env: { SEMBLANCE_PORT: '0', SEMBLANCE_DATA: join(root, 'few'), SEMBLANCE_THREADS: '2' },
      readyUrl: 'http://127.0.0.1:9/',
      through: ['bash', '-c', 'ulimit -n 64; exec "$@"', 'bash'],
    })
    const problem = String(await start.catch((error: unknown) => error))
    expect(problem).toMatch(/may open 64 files, and needs 148 with 2 threads.*ulimit -n 4096.*LimitNOFILE/)
    expect(problem).not.toMatch(/^ +at /m)
  })
})
