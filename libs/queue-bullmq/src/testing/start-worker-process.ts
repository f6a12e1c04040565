import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface StartedProcess {
  /** Resolves when the process has printed this line. */
  line(text: string): Promise<void>
  /** Resolves when the process is dead, whoever killed it. */
  readonly died: Promise<void>
  kill(): Promise<void>
}

export function startWorkerProcess(given: {
  readonly redisUrl: string
  readonly prefix: string
  readonly lockMs: number
  readonly skewMs?: number
}): Promise<StartedProcess> {
  return start('worker-process.ts', { skewMs: 0, ...given })
}

/** A gateway that asks for `jobs` jobs, and is ready once all of them are queued. */
export function startGatewayProcess(given: {
  readonly redisUrl: string
  readonly prefix: string
  readonly livesMs: number
  readonly jobs: number
  readonly preparesFirst: boolean
}): Promise<StartedProcess> {
  return start('gateway-process.ts', given)
}

async function start(file: string, given: object): Promise<StartedProcess> {
  const script = join(import.meta.dirname, file)
  const args = ['--conditions=@semblance/source', script, JSON.stringify(given)]
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const died = once(child, 'exit').then(() => {})
  const lines: string[] = []
  const waiting: { readonly text: string; readonly resolve: () => void }[] = []
  if (child.stdout === null) throw new Error('no output to read')
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line)
    for (const one of waiting) if (one.text === line) one.resolve()
  })
  const line = (text: string) =>
    new Promise<void>((resolve) => {
      if (lines.includes(text)) resolve()
      else waiting.push({ text, resolve })
    })
  await Promise.race([line('ready'), died])
  return {
    line,
    died,
    kill: async () => {
      child.kill('SIGKILL')
      await died
    },
  }
}
