import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isSlowTier } from '@semblance/testkit'
import { type ClusterServers, openClusterServers, startGateway, startWorker } from './cluster.ts'
import { startStandaloneServer } from './standalone-server.ts'

export type Shape = 'standalone' | 'cluster'

/** Semblance in one of its shapes, as its users meet it: by HTTP. */
export interface Installation {
  readonly url: string
  /** Everything that its processes have printed so far. */
  output(): string
  /** Of its processes that run now. */
  pids(): readonly number[]
  /** Asks every process to stop, and starts them again on the same data and address; throws unless each ends with 0. */
  restart(): Promise<void>
  /** Stops it and removes its data. */
  close(): Promise<void>
}

export type Env = Readonly<Record<string, string>>

/** The shapes that this machine can run; the reason for leaving one out is printed. `TEST_SHAPES` names fewer. */
export async function availableShapes(): Promise<readonly Shape[]> {
  const wanted = (process.env.TEST_SHAPES ?? 'standalone,cluster').split(',')
  const shapes: Shape[] = wanted.includes('standalone') ? ['standalone'] : []
  if (!wanted.includes('cluster')) return shapes
  const servers = await openClusterServers()
  if ('skipped' in servers) {
    console.warn(`skipped in the cluster shape: ${servers.skipped}`)
    return shapes
  }
  await servers.close()
  return [...shapes, 'cluster']
}

/**
 * For claims about code that both shapes run alike, such as what is decoded: CI looks at standalone alone, the slow tier at
 * both shapes.
 */
export async function shapesByTier(): Promise<readonly Shape[]> {
  const isAsked = isSlowTier || process.env.TEST_SHAPES !== undefined
  return isAsked ? availableShapes() : ['standalone']
}

export function startInstallation(shape: Shape, env: Env = {}): Promise<Installation> {
  return shape === 'standalone' ? startStandalone(env) : startCluster(env)
}

async function startStandalone(env: Env): Promise<Installation> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'semblance data '))
  let server = await startStandaloneServer({ dataFolder, env })
  const { url } = server
  let earlier = ''
  return {
    url,
    output: () => earlier + server.output(),
    pids: () => pidsOf([server]),
    restart: async () => {
      await server.stop()
      if (server.process.exitCode !== 0) throw new Error(`it ended badly:\n${server.output()}`)
      earlier += server.output()
      server = await startStandaloneServer({ dataFolder, env, port: Number(new URL(url).port) })
    },
    close: async () => {
      await server.stop()
      await rm(dataFolder, { recursive: true, force: true })
    },
  }
}

async function startCluster(env: Env): Promise<Installation> {
  const servers = await openClusterServers()
  if ('skipped' in servers) throw new Error(servers.skipped)
  try {
    return await startProcesses(servers, { ...env, ...servers.env })
  } catch (error) {
    await servers.close()
    throw error
  }
}

async function startProcesses(servers: ClusterServers, env: Env): Promise<Installation> {
  const start = (options: { readonly port?: number } = {}) =>
    Promise.all([startGateway(env, options), startWorker(env)])
  let processes = await start()
  const { url } = processes[0]
  let earlier = ''
  const output = () => earlier + processes.map((one) => one.output()).join('')
  const stop = async () => {
    await Promise.all(processes.map((one) => one.end('SIGTERM')))
  }
  return {
    url,
    output,
    pids: () => pidsOf(processes),
    restart: async () => {
      await stop()
      const ended = processes.map((one) => one.process.exitCode)
      if (ended.some((code) => code !== 0)) throw new Error(`ended with ${ended.join(', ')}:\n${output()}`)
      earlier = output()
      processes = await start({ port: Number(new URL(url).port) })
    },
    close: async () => {
      await stop()
      await servers.close()
    },
  }
}

/** Of those that run. */
export function pidsOf(running: readonly { readonly process: ChildProcess }[]): readonly number[] {
  return running.flatMap(({ process: { pid } }) => (pid === undefined ? [] : [pid]))
}
