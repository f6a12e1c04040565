import {
  freePort,
  openTestMongo,
  openTestQdrant,
  openTestRedis,
  type TestMongo,
  type TestQdrant,
  type TestRedis,
} from '@semblance/testkit'
import { type ServerProcess, startServerProcess } from './server-process.ts'
import { findSharedData } from './shared-data.ts'

type Env = Readonly<Record<string, string>>

/** Redis, MongoDB and Qdrant of one test, each given by its TEST_..._URL or started. */
export interface ClusterServers {
  readonly redis: TestRedis
  readonly mongo: TestMongo
  readonly qdrant: TestQdrant
  readonly env: Env
  close(): Promise<void>
}

export interface ClusterServersOptions {
  readonly qdrantNodes?: 1 | 3
  /** Servers of this test alone, which it may kill. */
  readonly own?: boolean
}

/** The same for a suite that takes the shared photos, too; if it has to be skipped, why is printed. */
export async function openServersForPhotos(
  suite: string,
  options: ClusterServersOptions = {},
): Promise<ClusterServers | { readonly skipped: string }> {
  const servers = findSharedData() === null ? { skipped: 'no photos' } : await openClusterServers(options)
  if ('skipped' in servers) console.warn(`skipped: ${suite}: ${servers.skipped}`)
  return servers
}

/** Why there can be no cluster here is told as `skipped`. */
export async function openClusterServers(
  options: ClusterServersOptions = {},
): Promise<ClusterServers | { readonly skipped: string }> {
  const { own = false } = options
  const opened = await Promise.all([
    openTestRedis({ own }),
    openTestMongo({ own }),
    openTestQdrant({ nodes: options.qdrantNodes ?? 1, own }),
  ])
  const close = async () => {
    await Promise.all(opened.map((server) => ('skipped' in server ? undefined : server.close())))
  }
  const [redis, mongo, qdrant] = opened
  if ('skipped' in redis || 'skipped' in mongo || 'skipped' in qdrant) {
    await close()
    const reasons = opened.flatMap((server) => ('skipped' in server ? [server.skipped] : []))
    return { skipped: reasons.join('; ') }
  }
  const env = {
    // Servers may be shared: every test has an installation of its own.
    SEMBLANCE_NAME: `test${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`,
    SEMBLANCE_REDIS_URL: redis.url,
    SEMBLANCE_MONGO_URL: mongo.url,
    SEMBLANCE_QDRANT_URL: qdrant.urls.join(','),
  }
  return { redis, mongo, qdrant, env, close }
}

export interface GatewayProcess extends ServerProcess {
  readonly url: string
  readonly opsUrl: string
}

export interface WorkerProcess extends ServerProcess {
  readonly opsUrl: string
}

export interface StartOptions {
  /** Answers 200 once the process is as far as the caller needs it; ready if left out. */
  readonly readyPath?: string
  /** As `startServerProcess` takes it. */
  readonly through?: readonly string[]
  /** As `startServerProcess` takes it. */
  readonly checkout?: string
}

/** Ready once resolved, but for workers: those are started beside it. `port`: the one that an earlier gateway had. */
export async function startGateway(
  env: Env,
  options: StartOptions & { readonly port?: number } = {},
): Promise<GatewayProcess> {
  const [port, opsPort] = [options.port ?? (await freePort()), await freePort()]
  const url = `http://127.0.0.1:${port}`
  const server = await startServerProcess('gateway', {
    env: { ...env, SEMBLANCE_PORT: String(port), SEMBLANCE_OPS_PORT: String(opsPort) },
    readyUrl: `${url}${options.readyPath ?? '/api/readyz'}`,
    through: options.through,
    checkout: options.checkout,
    isReady: ({ status, headers }) => status === 200 || headers.get('x-semblance-missing') === 'workers',
  })
  return { ...server, url, opsUrl: `http://127.0.0.1:${opsPort}` }
}

export async function startWorker(env: Env, options: StartOptions = {}): Promise<WorkerProcess> {
  const opsPort = await freePort()
  const opsUrl = `http://127.0.0.1:${opsPort}`
  const server = await startServerProcess('worker', {
    env: { ...env, SEMBLANCE_OPS_PORT: String(opsPort) },
    readyUrl: `${opsUrl}${options.readyPath ?? '/readyz'}`,
    through: options.through,
    checkout: options.checkout,
  })
  return { ...server, opsUrl }
}
