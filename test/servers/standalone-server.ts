import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@semblance/testkit'
import { startServerProcess } from './server-process.ts'

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
  /** A free one if left out. */
  readonly port?: number
  /** As `startServerProcess` takes it. */
  readonly through?: readonly string[]
  /** As `startServerProcess` takes it. */
  readonly isBuilt?: boolean
  /** As `startServerProcess` takes it. */
  readonly checkout?: string
}

export async function startStandaloneServer(
  options: StandaloneServerOptions = {},
): Promise<StandaloneServer> {
  const dataFolder = options.dataFolder ?? (await mkdtemp(join(tmpdir(), 'semblance data ')))
  const port = options.port ?? (await freePort())
  const url = `http://127.0.0.1:${port}`
  const env = { SEMBLANCE_PORT: String(port), SEMBLANCE_DATA: dataFolder, ...options.env }
  const server = await startServerProcess('standalone', {
    env,
    readyUrl: `${url}/api/readyz`,
    through: options.through,
    isBuilt: options.isBuilt,
    checkout: options.checkout,
  })
  return {
    url,
    dataFolder,
    process: server.process,
    output: server.output,
    stop: async () => {
      await server.end('SIGTERM')
      if (options.dataFolder === undefined) await rm(dataFolder, { recursive: true, force: true })
    },
    kill: () => server.end('SIGKILL'),
  }
}
