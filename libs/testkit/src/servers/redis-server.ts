import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-ports.ts'
import { freezeProcess } from './freeze-process.ts'
import { type SkippedServer, skippedServer } from './skipped-server.ts'

/** A Redis for tests. Of a server given by `TEST_REDIS_URL` only `url` and `close` can be used: others use it too. */
export interface TestRedis {
  readonly url: string
  /** SIGKILL, as a power cut would; what its append-only file holds is there again after `restart`. */
  kill(): Promise<void>
  /** On the same port with the same data; resolves once it answers. Kills it first if it still runs. */
  restart(): Promise<void>
  /** SIGSTOP: connections stay open and nothing is answered. */
  pause(): void
  resume(): void
  close(): Promise<void>
}

export interface TestRedisOptions {
  /** Starts a server of its own even if `TEST_REDIS_URL` is set: for tests that kill, pause or fill it. */
  readonly own?: boolean
  /** More command line arguments of `redis-server`, such as `['--maxmemory', '40mb']`. */
  readonly args?: readonly string[]
}

const START_TIMEOUT_MS = 20_000

/**
 * `TEST_REDIS_URL` wins (use a fresh prefix in each test); else a `redis-server` from PATH on a free port with a
 * temporary folder, append-only file, and no eviction; else the reason why there is none.
 */
export async function openTestRedis(options: TestRedisOptions = {}): Promise<TestRedis | SkippedServer> {
  const given = process.env.TEST_REDIS_URL
  if (given !== undefined && given !== '' && options.own !== true) return givenRedis(given)
  if (spawnSync('redis-server', ['--version']).status !== 0) {
    return skippedServer('redis', 'no redis-server on PATH and no TEST_REDIS_URL')
  }
  const redis = new OwnRedis(await freePort(), await mkdtemp(join(tmpdir(), 'semblance-redis-')), options)
  try {
    await redis.restart()
  } catch (error) {
    await redis.close()
    throw error
  }
  return redis
}

function givenRedis(url: string): TestRedis {
  const refuse = (): never => {
    throw new Error('the server of TEST_REDIS_URL is not ours to stop; open one with { own: true }')
  }
  return { url, kill: refuse, restart: refuse, pause: refuse, resume: refuse, close: async () => {} }
}

class OwnRedis implements TestRedis {
  readonly url: string
  readonly #port: number
  readonly #folder: string
  readonly #args: readonly string[]
  #child: ChildProcess | null = null
  readonly #endWithUs = () => this.#child?.kill('SIGKILL')

  constructor(port: number, folder: string, options: TestRedisOptions) {
    this.url = `redis://127.0.0.1:${port}`
    this.#port = port
    this.#folder = folder
    this.#args = options.args ?? []
    process.on('exit', this.#endWithUs)
  }

  async kill(): Promise<void> {
    const child = this.#child
    this.#child = null
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  async restart(): Promise<void> {
    await this.kill()
    const args = ['--port', String(this.#port), '--bind', '127.0.0.1', '--dir', this.#folder]
    args.push('--save', '', '--appendonly', 'yes', '--maxmemory-policy', 'noeviction', ...this.#args)
    const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] })
    this.#child = child
    let printed = ''
    child.stdout.on('data', (chunk) => {
      printed = (printed + String(chunk)).slice(-2000)
    })
    const until = performance.now() + START_TIMEOUT_MS
    while (!(await answersPing(this.#port))) {
      if (child.exitCode !== null) throw new Error(`redis-server ended: ${printed}`)
      if (performance.now() > until) throw new Error(`redis-server does not answer: ${printed}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  pause(): void {
    if (this.#child !== null) freezeProcess(this.#child)
  }

  resume(): void {
    this.#child?.kill('SIGCONT')
  }

  async close(): Promise<void> {
    process.off('exit', this.#endWithUs)
    await this.kill()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

/** While it loads its file it answers -LOADING instead. */
function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    const end = (answers: boolean) => {
      socket.destroy()
      resolve(answers)
    }
    socket.setTimeout(1000, () => end(false))
    socket.once('data', (chunk) => end(String(chunk).startsWith('+PONG')))
    socket.once('error', () => end(false))
    socket.once('close', () => end(false))
  })
}
