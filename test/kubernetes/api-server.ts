import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { kubeconfigArgs } from './kubectl.ts'

/** The API server by plain HTTP, as `kubectl proxy` gives it: a call costs no process. */
export interface ApiServer {
  /** The JSON at a path such as `/apis/apps/v1/...`. Throws for any status but 2xx. */
  // biome-ignore lint/suspicious/noExplicitAny: each kind of object has a form of its own
  ask(path: string, init?: RequestInit): Promise<any>
  close(): void
}

const CALL_MS = 120_000

export async function openApiServer(): Promise<ApiServer> {
  const args = [...kubeconfigArgs, 'proxy', '--port=0']
  const proxy = spawn('kubectl', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  process.once('exit', () => proxy.kill())
  const [line] = (await once(createInterface(proxy.stdout), 'line')) as [string]
  const address = /127\.0\.0\.1:\d+/.exec(line)?.[0]
  if (address === undefined) throw new Error(`kubectl proxy says: ${line}`)
  return {
    ask: async (path, init = {}) => {
      const signal = AbortSignal.timeout(CALL_MS)
      const answer = await fetch(`http://${address}${path}`, { signal, ...init })
      const text = await answer.text()
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`)
      return text === '' ? null : JSON.parse(text)
    },
    close: () => void proxy.kill(),
  }
}
