import {
  findOnPath,
  hasMongoStandIn,
  lookForMongo,
  type MissingServer,
  startMongo,
  startQdrant,
  startRedis,
} from '@semblance/dev-servers'
import { say } from '@semblance/telemetry'
import type { DevClusterConfig } from '../config.ts'

/** A server that this command has started. */
export interface StartedServer {
  readonly url: string
  close(): Promise<void>
}

/** A server that a cluster needs. */
export interface ClusterServer {
  readonly variable: 'SEMBLANCE_REDIS_URL' | 'SEMBLANCE_MONGO_URL' | 'SEMBLANCE_QDRANT_URL'
  readonly name: string
  /** What to do where it is missing, besides naming one. */
  readonly remedy: () => string
  /** Whether it can be had here, without starting anything. */
  readonly look: () => Promise<'ready' | 'to-be-built' | MissingServer>
  readonly start: () => Promise<StartedServer | MissingServer>
}

/** At Ctrl-C gateway and worker end first, which need the servers until then. */
const IN_OWN_GROUP = { inOwnGroup: true }

export const SERVERS: readonly ClusterServer[] = [
  {
    variable: 'SEMBLANCE_REDIS_URL',
    name: 'Redis',
    remedy: () => 'install redis-server (Debian: apt-get install redis-server)',
    look: async () => lookFor('redis-server'),
    start: () => startRedis(IN_OWN_GROUP),
  },
  {
    variable: 'SEMBLANCE_MONGO_URL',
    name: 'MongoDB',
    remedy: () => (hasMongoStandIn() ? 'install mongod, or Go to build its stand-in with' : 'install mongod'),
    look: lookForMongo,
    start: () => startMongo(IN_OWN_GROUP),
  },
  {
    variable: 'SEMBLANCE_QDRANT_URL',
    name: 'Qdrant',
    remedy: () => 'put a qdrant program on PATH',
    look: async () => lookFor('qdrant'),
    start: () => startQdrant(IN_OWN_GROUP),
  },
]

function lookFor(program: string): 'ready' | MissingServer {
  return findOnPath(program) === null ? { missing: `no ${program} on PATH` } : 'ready'
}

/** Looks for every server before the first one is started, or built for minutes; says of each that is missing what to do. */
export async function canHaveAll(config: DevClusterConfig): Promise<boolean> {
  let isComplete = true
  for (const server of SERVERS.filter(({ variable }) => config[variable] === undefined)) {
    const found = await server.look()
    if (found === 'ready') continue
    if (found === 'to-be-built') {
      say(`${server.name}: its stand-in will be built first (once, about 2 min)`)
      continue
    }
    sayMissing(server)
    isComplete = false
  }
  return isComplete
}

/** The server started, unless the environment names one; `missing` has been said. */
export async function findServer(
  server: ClusterServer,
  config: DevClusterConfig,
): Promise<StartedServer | 'given' | 'missing'> {
  const { variable, name } = server
  if (config[variable] !== undefined) {
    say(`${name} as ${variable} says`)
    return 'given'
  }
  if ((await server.look()) === 'to-be-built') say(`${name}: building its stand-in (once, about 2 min) ...`)
  const started = await server.start()
  if ('missing' in started) {
    say(`semblance: ${started.missing}`)
    sayMissing(server)
    return 'missing'
  }
  say(`${name} started at ${started.url}, with a temporary folder`)
  return started
}

function sayMissing({ name, variable, remedy }: ClusterServer): void {
  say(`semblance: no ${name}: set ${variable}, or ${remedy()}`)
}
