import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const START_TIMEOUT_MS = 60_000
/**
 * Each thread loads every network, which is what most of a start goes to. What is claimed of several has MORE_THREADS, and
 * benchmarks, which compare with the engine on all cores, set TEST_THREADS.
 */
const threadsOfTests = () => ({ SEMBLANCE_THREADS: process.env.TEST_THREADS ?? '1' })
/** For claims that may hang on threads that work side by side. */
export const MORE_THREADS = { SEMBLANCE_THREADS: '2' }

/** One of our programs, a process of its own, as a person would run it. */
export interface ServerProcess {
  readonly process: ChildProcess
  /** Everything it has printed so far, both streams. */
  readonly output: () => string
  /** Sends the signal and waits for the end; fine if it has ended already. */
  end(signal: NodeJS.Signals): Promise<void>
}

export interface ServerStart {
  /** Servers of ours have one thread unless it or TEST_THREADS says otherwise. */
  readonly env: Readonly<Record<string, string>>
  readonly readyUrl: string
  /** Whether what is answered there will do; 200 if left out. */
  readonly isReady?: (answer: Response) => boolean | Promise<boolean>
  /** A command and its arguments that run the program, as `strace` does, in the process that is started. */
  readonly through?: readonly string[] | undefined
  /** Runs what `npm run build` made, with no way to load a source; the sources if left out. */
  readonly isBuilt?: boolean | undefined
  /** The folder of another checkout, with its packages, whose program it is; this one if left out. */
  readonly checkout?: string | undefined
}

/** `app`: a folder of apps/. Serving once resolved; throws with what was printed if it never does. */
export async function startServerProcess(app: string, start: ServerStart): Promise<ServerProcess> {
  const { checkout = root } = start
  const command = start.isBuilt ? builtCommand(app) : nodeCommand(join('apps', app, 'src/main.ts'), checkout)
  const env = { ...threadsOfTests(), ...start.env }
  return startCommand([...(start.through ?? []), ...command], { ...start, env }, { cwd: checkout })
}

/** The same for any command; `options`: where and as whom it runs, the root of the repository and as we if left out. */
export async function startCommand(
  command: readonly string[],
  start: Omit<ServerStart, 'through' | 'isBuilt' | 'checkout'>,
  options: Pick<SpawnOptions, 'cwd' | 'uid' | 'gid'> = {},
): Promise<ServerProcess> {
  const server = spawnCommand(command, { ...options, env: start.env })
  try {
    await untilReady(start, server.process)
  } catch (error) {
    await server.end('SIGKILL')
    throw new Error(`${command.join(' ')} did not start:\n${server.output()}`, { cause: error })
  }
  return server
}

/** Started, perhaps not serving yet. */
export function spawnServerProcess(
  app: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): ServerProcess {
  return spawnCommand([...nodeCommand(join('apps', app, 'src/main.ts')), ...args], { env })
}

/** The same in a process group of its own, as a terminal starts it: a signal to the group reaches its children, too. */
export function spawnServerGroup(
  app: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[],
): ServerProcess {
  return spawnCommand([...nodeCommand(join('apps', app, 'src/main.ts')), ...args], { env, detached: true })
}

/** `script`: its path in the repository. */
export function spawnScript(
  script: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): ServerProcess {
  return spawnCommand([...nodeCommand(script), ...args], { env })
}

function nodeCommand(script: string, checkout = root): readonly string[] {
  return [process.execPath, '--conditions=@semblance/source', join(checkout, script)]
}

function builtCommand(app: string): readonly string[] {
  return [process.execPath, '--no-strip-types', join(root, 'apps', app, 'dist/main.js')]
}

function spawnCommand([command = '', ...args]: readonly string[], options: SpawnOptions): ServerProcess {
  const child = spawn(command, args, {
    cwd: root,
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      printed += String(chunk)
    })
  }
  const exited = once(child, 'exit')
  return {
    process: child,
    output: () => printed,
    end: async (signal) => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill(signal)
      await exited
    },
  }
}

async function untilReady(
  start: Pick<ServerStart, 'readyUrl' | 'isReady'>,
  child: ChildProcess,
): Promise<void> {
  const { readyUrl: url, isReady = ({ status }) => status === 200 } = start
  const deadline = Date.now() + START_TIMEOUT_MS
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`it ended with exit code ${child.exitCode}`)
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => null)
    if (answer !== null && (await isReady(answer))) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`not ready after ${START_TIMEOUT_MS} ms`)
}
