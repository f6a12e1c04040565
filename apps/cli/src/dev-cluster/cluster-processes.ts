import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { say } from '@semblance/telemetry'
import { programEntry } from '../programs/program-entry.ts'

export interface ClusterProcesses {
  /** Beside our own environment, which both get. */
  readonly env: Readonly<Record<string, string>>
  /** Of the gateway; the worker takes any that is free. */
  readonly opsPort: number
  /** Aborts when both are to stop. */
  readonly signal: AbortSignal
}

/**
 * Runs a gateway and a worker until one of them ends, or `signal` aborts; the other is then told to stop, too. Resolves
 * with 0 if both ended with 0, else with 1.
 */
export async function runProcesses({ env, opsPort, signal }: ClusterProcesses): Promise<number> {
  const gateway = startApp('gateway', { ...env, SEMBLANCE_OPS_PORT: String(opsPort) })
  const worker = startApp('worker', { ...env, SEMBLANCE_OPS_PORT: '0' })
  const children = [gateway, worker]
  const ended = children.map((child) => once(child, 'exit'))
  await Promise.race([...ended, untilAborted(signal)])
  if (!signal.aborted)
    say(`the ${hasEnded(gateway) ? 'gateway' : 'worker'} has ended, so the rest is stopped, too`)
  for (const child of children) child.kill('SIGTERM')
  await Promise.all(ended)
  return children.every(({ exitCode }) => exitCode === 0) ? 0 : 1
}

/** A process of its own. */
function startApp(app: 'gateway' | 'worker', env: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, [...process.execArgv, programEntry(app)], {
    // By the channel a process sees that this one is gone, and stops.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    // biome-ignore lint/style/noProcessEnv: passed on as a whole; each process reads its own settings from it
    env: { ...process.env, ...env },
  })
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}
