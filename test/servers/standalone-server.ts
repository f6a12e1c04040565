import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const START_TIMEOUT_MS = 60_000

/** A standalone server of its own process, as a person would run it. */
export interface StandaloneServer {
  readonly url: string
  readonly dataFolder: string
  readonly process: ChildProcess
  /** Everything it has printed so far, both streams. */
  readonly output: () => string
  /** Asks it to stop, waits, and removes the data folder unless the caller brought its own. */
  stop(): Promise<void>
  /** SIGKILL: what a power cut leaves. */
  kill(): Promise<void>
}

export interface StandaloneServerOptions {
  readonly dataFolder?: string
  readonly env?: Readonly<Record<string, string>>
}

export async function startStandaloneServer(
  options: StandaloneServerOptions = {},
): Promise<StandaloneServer> {
  const dataFolder = options.dataFolder ?? (await mkdtemp(join(tmpdir(), 'semblance data ')))
  const port = await freePort()
  const child = spawn(
    process.execPath,
    ['--conditions=@semblance/source', join(root, 'apps/standalone/src/main.ts')],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, SEMBLANCE_PORT: String(port), SEMBLANCE_DATA: dataFolder, ...options.env },
    },
  )
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      printed += String(chunk)
    })
  }
  const exited = once(child, 'exit')
  const url = `http://127.0.0.1:${port}`
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal)
      await exited
    }
  }
  try {
    await untilReady(url, child)
  } catch (error) {
    await end('SIGKILL')
    throw new Error(`the server did not start:\n${printed}`, { cause: error })
  }
  return {
    url,
    dataFolder,
    process: child,
    output: () => printed,
    stop: async () => {
      await end('SIGTERM')
      if (options.dataFolder === undefined) await rm(dataFolder, { recursive: true, force: true })
    },
    kill: () => end('SIGKILL'),
  }
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`it ended with exit code ${child.exitCode}`)
    const answer = await fetch(`${url}/api/readyz`).catch(() => null)
    if (answer?.status === 200) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`not ready after ${START_TIMEOUT_MS} ms`)
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
