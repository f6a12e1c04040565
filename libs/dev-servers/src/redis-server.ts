import { mkdtemp } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findOnPath } from './find-on-path.ts'
import { freePort } from './free-ports.ts'
import type { MissingServer } from './missing-server.ts'
import { type OwnServer, type StartOptions, startOwnServer } from './own-server.ts'

export interface RedisServer extends OwnServer {
  readonly url: string
}

export interface RedisOptions extends StartOptions {
  /** More command line arguments of `redis-server`, such as `['--maxmemory', '40mb']`. */
  readonly args?: readonly string[]
}

const PING_TIMEOUT_MS = 1_000

/** A `redis-server` from PATH on a free port, with a temporary folder, append-only file, and no eviction. */
export async function startRedis({
  args = [],
  ...start
}: RedisOptions = {}): Promise<RedisServer | MissingServer> {
  const program = findOnPath('redis-server')
  if (program === null) return { missing: 'no redis-server on PATH' }
  const [port, folder] = [await freePort(), await mkdtemp(join(tmpdir(), 'semblance-redis-'))]
  const where = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder]
  const keeping = ['--save', '', '--appendonly', 'yes', '--maxmemory-policy', 'noeviction']
  const server = await startOwnServer({
    program,
    args: [...where, ...keeping, ...args],
    folder,
    ...start,
    isUp: () => answersPing(port),
  })
  return { ...server, url: `redis://127.0.0.1:${port}` }
}

/** While it loads its file it answers -LOADING instead. */
function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    const end = (answers: boolean) => {
      socket.destroy()
      resolve(answers)
    }
    socket.setTimeout(PING_TIMEOUT_MS, () => end(false))
    socket.once('data', (chunk) => end(String(chunk).startsWith('+PONG')))
    socket.once('error', () => end(false))
    socket.once('close', () => end(false))
  })
}
