import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { connect } from 'node:net'
import { freePort } from './free-ports.ts'
import { freezeProcess } from './freeze-process.ts'

const START_TIMEOUT_MS = 30_000
const POLL_MS = 25

/** A server process over a folder, which a test may torment. */
export interface OwnServer {
  readonly port: number
  /** SIGKILL, waited for: what a power cut leaves. */
  kill(): Promise<void>
  /** Again on the same folder and port; kills it first if it runs. Resolves once it accepts connections. */
  restart(): Promise<void>
  /** SIGSTOP: it keeps its connections and answers nothing. */
  pause(): void
  resume(): void
  /** Kills it and removes its folder. */
  close(): Promise<void>
}

export interface OwnServerOptions {
  readonly program: string
  readonly argumentsFor: (port: number) => readonly string[]
  /** Where its data are; removed at the end. */
  readonly folder: string
}

/** Starts it on a free port and waits until it accepts connections; it ends with this process at the latest. */
export async function startOwnServer(options: OwnServerOptions): Promise<OwnServer> {
  const port = await freePort()
  const started = () => startOn(port, options)
  let child = await started()
  const removeFolder = () => rmSync(options.folder, { recursive: true, force: true })
  process.once('exit', removeFolder)
  const kill = () => end(child)
  return {
    port,
    kill,
    restart: async () => {
      await kill()
      child = await started()
    },
    pause: () => freezeProcess(child),
    resume: () => void child.kill('SIGCONT'),
    close: async () => {
      await kill()
      process.off('exit', removeFolder)
      removeFolder()
    },
  }
}

async function startOn(port: number, options: OwnServerOptions): Promise<ChildProcess> {
  // Standard input stays open: a server that watches it ends with this process, even if that is killed.
  const child = spawn(options.program, [...options.argumentsFor(port)], { stdio: ['pipe', 'ignore', 'pipe'] })
  const killOnExit = () => void child.kill('SIGKILL')
  process.once('exit', killOnExit)
  child.once('exit', () => process.off('exit', killOnExit))
  let said = ''
  child.stderr?.on('data', (chunk) => {
    said = (said + String(chunk)).slice(-4000)
  })
  const deadline = Date.now() + START_TIMEOUT_MS
  while (!(await accepts(port))) {
    if (child.exitCode === null && Date.now() < deadline) continue
    await end(child)
    throw new Error(`${options.program} did not start: ${said}`)
  }
  return child
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

/** Waits a moment if refused, so that it can be asked in a loop. */
function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => setTimeout(resolve, POLL_MS, false))
  })
}
