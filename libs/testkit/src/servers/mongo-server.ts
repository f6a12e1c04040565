import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findOnPath, isProgram } from './find-on-path.ts'
import { startOwnServer } from './own-server.ts'
import { type SkippedServer, skippedServer } from './skipped-server.ts'

const run = promisify(execFile)
const repository = join(import.meta.dirname, '../../../..')
const sources = join(repository, 'test/servers/mongo')
const cache = join(repository, 'node_modules/.cache/semblance-mongo')
/** Where Go installs itself, on PATH or not. */
const USUAL_GO = '/usr/local/go/bin/go'

/**
 * A MongoDB wire for tests. Of a server given by `TEST_MONGO_URL` only `url` and `close` can be used: others use it
 * too.
 */
export interface TestMongo {
  /** A connection string without a database: every caller takes a database name of its own. */
  readonly url: string
  /** SIGKILL, as a power cut would; what it acknowledged is there again after `restart`. */
  kill(): Promise<void>
  /** On the same port with the same data; resolves once it accepts connections. Kills it first if it still runs. */
  restart(): Promise<void>
  /** SIGSTOP: connections stay open and nothing is answered. */
  pause(): void
  resume(): void
  close(): Promise<void>
}

export interface TestMongoOptions {
  /** Starts a server of its own even if `TEST_MONGO_URL` is set: for tests that kill or pause it. */
  readonly own?: boolean
}

/**
 * `TEST_MONGO_URL` wins; else a `mongod` from PATH; else the test server in test/servers/mongo, built first if need
 * be (minutes at the first time; `buildTestMongo` does only that). The latter two on a free port with a temporary
 * folder, and ended with this process at the latest. Else the reason why there is none.
 */
export async function openTestMongo(options: TestMongoOptions = {}): Promise<TestMongo | SkippedServer> {
  const given = process.env.TEST_MONGO_URL
  if (given !== undefined && given !== '' && options.own !== true) return givenMongo(given)
  const mongod = findOnPath('mongod')
  const program = mongod ?? (await buildTestMongo())
  if (typeof program !== 'string') return skippedServer('mongo', program.skipped)
  const folder = await mkdtemp(join(tmpdir(), 'semblance-mongo-'))
  const argumentsFor = (port: number) =>
    mongod === null
      ? ['-listen', `127.0.0.1:${port}`, '-folder', folder]
      : ['--port', `${port}`, '--dbpath', folder, '--bind_ip', '127.0.0.1', '--quiet']
  const server = await startOwnServer({ program, argumentsFor, folder })
  return { ...server, url: `mongodb://127.0.0.1:${server.port}/?directConnection=true` }
}

function givenMongo(url: string): TestMongo {
  const refuse = (): never => {
    throw new Error('the server of TEST_MONGO_URL is not ours to stop; open one with { own: true }')
  }
  return { url, kill: refuse, restart: refuse, pause: refuse, resume: refuse, close: async () => {} }
}

const LOCK_POLL_MS = 250

/** What `openTestMongo` would do here, without doing it: nothing is built or started. */
export async function lookForTestMongo(): Promise<'ready' | 'to-be-built' | SkippedServer> {
  if (findOnPath('mongod') !== null || isProgram(await executablePath())) return 'ready'
  return findGo() === null ? { skipped: NO_MONGO } : 'to-be-built'
}

const NO_MONGO = 'no TEST_MONGO_URL, no mongod and no Go to build the test server with'

async function executablePath(): Promise<string> {
  return join(cache, await digestOfSources(), 'mongo-test-server')
}

function findGo(): string | null {
  return findOnPath('go') ?? (isProgram(USUAL_GO) ? USUAL_GO : null)
}

let built: Promise<string | SkippedServer> | null = null

/** The test server's executable, in a cache folder that is keyed by its sources. */
function buildTestMongo(): Promise<string | SkippedServer> {
  built ??= buildOnce()
  return built
}

async function buildOnce(): Promise<string | SkippedServer> {
  const executable = await executablePath()
  if (isProgram(executable)) return executable
  const go = findGo()
  if (go === null) return { skipped: NO_MONGO }
  await mkdir(join(executable, '..'), { recursive: true })
  const release = await lockBuild(`${executable}.building`)
  try {
    if (isProgram(executable)) return executable
    await run(go, ['build', '-buildvcs=false', '-o', `${executable}.new`, '.'], { cwd: sources })
    await rename(`${executable}.new`, executable)
    return executable
  } catch (error) {
    return { skipped: `the Mongo test server could not be built: ${String(error)}` }
  } finally {
    await release()
  }
}

/** One build at a time over all test processes: it takes every core for minutes. */
async function lockBuild(file: string): Promise<() => Promise<void>> {
  for (;;) {
    try {
      await writeFile(file, `${process.pid}`, { flag: 'wx' })
      return () => rm(file, { force: true })
    } catch {
      const holder = Number(await readFile(file, 'utf8').catch(() => ''))
      if (holder > 0 && !isAlive(holder)) await rm(file, { force: true })
      else await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS))
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function digestOfSources(): Promise<string> {
  const hash = createHash('sha256')
  const names = (await readdir(sources)).filter((name) => /^go\.|\.go$/.test(name))
  for (const name of names.toSorted()) {
    hash.update(name).update(await readFile(join(sources, name)))
  }
  return hash.digest('hex').slice(0, 16)
}
