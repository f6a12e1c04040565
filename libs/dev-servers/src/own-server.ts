import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { freezeProcess } from './freeze-process.ts'

const START_TIMEOUT_MS = 60_000
const POLL_MS = 25
/** What a server has printed last, for whoever asks why it did not start. */
const PRINTED_CHARACTERS = 20_000

/** A server process over a folder, which a test may torment. */
export interface OwnServer {
  /** SIGKILL, waited for: what a power cut leaves. What was acknowledged is there again after `restart`. */
  kill(): Promise<void>
  /** Again on the same folder and port; kills it first if it runs. Resolves once it answers. */
  restart(): Promise<void>
  /** SIGSTOP: it keeps its connections and answers nothing. */
  pause(): void
  resume(): void
  /** Kills it and removes its folder. */
  close(): Promise<void>
}

/** What every server can be started with. */
export interface StartOptions {
  /** Ctrl-C in the terminal does not reach the server then: who has started it ends it, after what still needs it. */
  readonly inOwnGroup?: boolean
}

export interface OwnServerOptions extends StartOptions {
  readonly program: string
  readonly args: readonly string[]
  /** All of its environment; ours if left out. */
  readonly env?: Readonly<Record<string, string>>
  /** Where it runs and its data are; removed at the end. */
  readonly folder: string
  /** Whether it answers by now. */
  readonly isUp: () => Promise<boolean>
}

/** Resolves once the server answers; throws with what it printed if it ends before, or after a minute. */
export async function startOwnServer(options: OwnServerOptions): Promise<OwnServer> {
  const removeFolder = () => rmSync(options.folder, { recursive: true, force: true })
  process.once('exit', removeFolder)
  const forget = () => {
    process.off('exit', removeFolder)
    removeFolder()
  }
  let child = await startOnce(options).catch((fault) => {
    forget()
    throw fault
  })
  return {
    kill: () => end(child),
    restart: async () => {
      await end(child)
      child = await startOnce(options)
    },
    pause: () => freezeProcess(child),
    resume: () => void child.kill('SIGCONT'),
    close: async () => {
      await end(child)
      forget()
    },
  }
}

async function startOnce(options: OwnServerOptions): Promise<ChildProcess> {
  const { program, args, env, folder, isUp, inOwnGroup: detached = false } = options
  // Standard input stays open: a server that watches it ends with this process, even if that is killed.
  const child = spawn(program, args, {
    cwd: folder,
    stdio: 'pipe',
    detached,
    ...(env !== undefined && { env }),
  })
  const killOnExit = () => void child.kill('SIGKILL')
  process.once('exit', killOnExit)
  child.once('exit', () => process.off('exit', killOnExit))
  let printed = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      printed = (printed + String(chunk)).slice(-PRINTED_CHARACTERS)
    })
  await once(child, 'spawn')
  const deadline = performance.now() + START_TIMEOUT_MS
  // Asked first, and looked at after that: somebody else may answer on the port of one that has ended.
  while (!(await isUp()) || hasEnded(child)) {
    if (!hasEnded(child) && performance.now() < deadline) await sleep(POLL_MS)
    else {
      await end(child)
      throw new Error(`${program} did not start: ${printed}`)
    }
  }
  return child
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

/** Whether anybody listens on this port of the loopback. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
