import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { stopWithLauncher } from '@semblance/telemetry'
import {
  findOnPath,
  lookForTestMongo,
  openTestMongo,
  openTestQdrant,
  openTestRedis,
} from '@semblance/testkit'

/**
 * `npm run dev:cluster`: a gateway and a worker on this machine, against the servers that `SEMBLANCE_..._URL` name, or
 * else ones found on PATH and started for as long as this runs, each on a free port with a temporary folder.
 */
const root = join(import.meta.dirname, '../..')
const say = (line: string) => process.stderr.write(`${line}\n`)

interface Wanted {
  readonly variable: string
  readonly name: string
  readonly install: string
  /** Whether it can be had here, without starting anything. */
  readonly look: () => Promise<'ready' | 'to-be-built' | 'missing'>
  readonly open: () => Promise<
    { readonly url: string; close(): Promise<void> } | { readonly skipped: string }
  >
}

const SERVERS: readonly Wanted[] = [
  {
    variable: 'SEMBLANCE_REDIS_URL',
    name: 'Redis',
    install: 'install redis-server (Debian: apt-get install redis-server)',
    look: async () => (findOnPath('redis-server') === null ? 'missing' : 'ready'),
    open: () => openTestRedis({ own: true }),
  },
  {
    variable: 'SEMBLANCE_MONGO_URL',
    name: 'MongoDB',
    install: 'install mongod, or Go to build the test server in test/servers/mongo with',
    look: async () => {
      const found = await lookForTestMongo()
      return typeof found === 'string' ? found : 'missing'
    },
    open: () => openTestMongo({ own: true }),
  },
  {
    variable: 'SEMBLANCE_QDRANT_URL',
    name: 'Qdrant',
    install: 'put a qdrant program on PATH',
    look: async () => (findOnPath('qdrant') === null ? 'missing' : 'ready'),
    open: () => openTestQdrant({ own: true }),
  },
]

const USUAL_PORT = '41101'
const USUAL_OPS_PORT = '9090'
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

async function main(): Promise<number> {
  await using resources = new AsyncDisposableStack()
  let isStopped = false
  const stop = () => {
    isStopped = true
  }
  for (const signal of STOP_SIGNALS) process.on(signal, stop)
  stopWithLauncher()
  const port = await findPort('SEMBLANCE_PORT', USUAL_PORT)
  const opsPort = await findPort('SEMBLANCE_OPS_PORT', await usualOpsPort())
  if (port === null || opsPort === null) return 1
  if (!(await canHaveAll())) return 1
  const env: Record<string, string> = { SEMBLANCE_PORT: port }
  for (const server of SERVERS) {
    const url = await findServer(server, resources)
    if (isStopped) return 0
    if (url === null) return 1
    env[server.variable] = url
  }
  // Awaited here, lest the servers be closed while the processes run.
  return await runProcesses(env, opsPort)
}

/** Nobody asked for this one, so it gives way to whatever program has it. */
async function usualOpsPort(): Promise<string> {
  return (await isTaken('127.0.0.1', Number(USUAL_OPS_PORT))) ? '0' : USUAL_OPS_PORT
}

/** Null, and said, where another program listens. */
async function findPort(
  variable: 'SEMBLANCE_PORT' | 'SEMBLANCE_OPS_PORT',
  usual: string,
): Promise<string | null> {
  const port = process.env[variable] || usual
  const host = process.env[variable.replace('PORT', 'HOST')] || '127.0.0.1'
  if (!(await isTaken(host, Number(port)))) return port
  say(
    `semblance: port ${port} is taken, perhaps by another cluster or standalone server: stop it, or set ${variable}`,
  )
  return null
}

/** Looks for every server before the first one is started, or built for minutes; says of each that is missing what to do. */
async function canHaveAll(): Promise<boolean> {
  let isComplete = true
  for (const server of SERVERS.filter(({ variable }) => !isGiven(variable))) {
    const found = await server.look()
    if (found === 'to-be-built')
      say(`${server.name}: its test server will be built first (once, about 2 min)`)
    if (found !== 'missing') continue
    sayMissing(server)
    isComplete = false
  }
  return isComplete
}

function isGiven(variable: string): boolean {
  return (process.env[variable] ?? '') !== ''
}

function sayMissing({ name, variable, install }: Wanted): void {
  say(`semblance: no ${name}: set ${variable}, or ${install}`)
}

async function findServer(wanted: Wanted, resources: AsyncDisposableStack): Promise<string | null> {
  const { variable, name } = wanted
  if (isGiven(variable)) {
    say(`${name} as ${variable} says`)
    return process.env[variable] ?? null
  }
  if ((await wanted.look()) === 'to-be-built')
    say(`${name}: building its test server (once, about 2 min) ...`)
  const opened = await wanted.open()
  if ('skipped' in opened) {
    say(`semblance: ${opened.skipped}`)
    sayMissing(wanted)
    return null
  }
  resources.defer(() => opened.close())
  say(`${name} started at ${opened.url}, with a temporary folder`)
  return opened.url
}

/** Ends when one of them does, or at a signal; the other is then told to stop, too. */
async function runProcesses(env: Readonly<Record<string, string>>, opsPort: string): Promise<number> {
  const start = (app: string, port: string) =>
    spawn(process.execPath, ['--conditions=@semblance/source', join(root, 'apps', app, 'src/main.ts')], {
      cwd: root,
      // By the channel a process sees that this one is gone, and stops.
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, ...env, SEMBLANCE_OPS_PORT: port },
    })
  const children = [start('gateway', opsPort), start('worker', '0')]
  let isTold = false
  const stop = () => {
    isTold = true
    for (const child of children) child.kill('SIGTERM')
  }
  for (const signal of STOP_SIGNALS) process.on(signal, stop)
  const ended = children.map((child) => once(child, 'exit'))
  await Promise.race(ended)
  // A second signal would end the other one in the middle of its work.
  if (!isTold) {
    const first = children.findIndex(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null)
    say(`the ${first === 0 ? 'gateway' : 'worker'} has ended, so the rest is stopped, too`)
    stop()
  }
  await Promise.all(ended)
  return children.every(({ exitCode }) => exitCode === 0) ? 0 : 1
}

function isTaken(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

process.exitCode = await main()
