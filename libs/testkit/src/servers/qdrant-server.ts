import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { findOnPath } from './find-on-path.ts'
import { freePorts } from './free-ports.ts'
import { freezeProcess } from './freeze-process.ts'
import { type SkippedServer, skippedServer } from './skipped-server.ts'

/** Qdrant for tests. Nodes are numbered from 0; only those started here can be harmed. */
export interface TestQdrant {
  readonly url: string
  readonly urls: readonly string[]
  /** SIGKILL: what a power cut leaves. */
  kill(node: number): Promise<void>
  /** Starts a killed node again on its own folder and ports; resolves when it is ready. */
  restart(node: number): Promise<void>
  /** SIGSTOP: connections are taken and nothing is answered. */
  freeze(node: number): void
  thaw(node: number): void
  /** Ends what was started here and removes its folders; leaves a server given by TEST_QDRANT_URL alone. */
  close(): Promise<void>
}

export interface TestQdrantOptions {
  /** 1 unless given; three nodes are always started here, for they are meant to be killed. */
  readonly nodes?: 1 | 3
  /** The test kills or freezes nodes, so that a server given by TEST_QDRANT_URL will not do. */
  readonly own?: boolean
  /** Further environment of the nodes, for instance `QDRANT__...`. */
  readonly env?: Readonly<Record<string, string>>
}

const READY_TIMEOUT_MS = 60_000

/** TEST_QDRANT_URL wins; else `qdrant` on PATH is started; else `skipped` says why the tests cannot run. */
export async function openTestQdrant(options: TestQdrantOptions = {}): Promise<TestQdrant | SkippedServer> {
  const given = process.env.TEST_QDRANT_URL
  const mustOwn = options.nodes === 3 || options.own === true || options.env !== undefined
  if (given !== undefined && given !== '' && !mustOwn) return givenQdrant(given.split(','))
  const program = findOnPath('qdrant')
  if (program === null)
    return skippedServer('qdrant', 'no qdrant on PATH (and no TEST_QDRANT_URL that would do)')
  return startNodes(program, options)
}

function givenQdrant(urls: readonly string[]): TestQdrant {
  const refuse = () => {
    throw new Error('this Qdrant was given by TEST_QDRANT_URL and is not to be harmed')
  }
  return {
    url: urls[0]!,
    urls,
    kill: async () => refuse(),
    restart: async () => refuse(),
    freeze: refuse,
    thaw: refuse,
    close: async () => {},
  }
}

interface Node {
  readonly folder: string
  readonly http: number
  readonly grpc: number
  readonly p2p: number
  child: ChildProcess | null
  printed: string
}

async function startNodes(program: string, options: TestQdrantOptions): Promise<TestQdrant> {
  const count = options.nodes ?? 1
  const root = await mkdtemp(join(tmpdir(), 'semblance-qdrant-'))
  const nodes: Node[] = []
  const killAll = () => {
    for (const { child } of nodes) child?.kill('SIGKILL')
  }
  process.once('exit', killAll)
  const close = async () => {
    process.off('exit', killAll)
    await Promise.all(nodes.map(killNode))
    await rm(root, { recursive: true, force: true })
  }
  const start = async (at: number) => {
    const node = nodes[at]!
    spawnNode(node, { program, args: count === 1 ? [] : clusterArgs(nodes, at), env: options.env ?? {} })
    await untilReady(node)
  }
  try {
    for (let at = 0; at < count; at++) {
      const [http = 0, grpc = 0, p2p = 0] = await freePorts(3)
      const folder = join(root, `node-${at}`)
      await mkdir(folder)
      nodes.push({ folder, http, grpc, p2p, child: null, printed: '' })
      await start(at)
    }
  } catch (fault) {
    await close()
    throw fault
  }
  const urls = nodes.map(({ http }) => `http://127.0.0.1:${http}`)
  return {
    url: urls[0]!,
    urls,
    kill: (at) => killNode(nodes[at]!),
    restart: start,
    freeze: (at) => {
      const { child } = nodes[at]!
      if (child !== null) freezeProcess(child)
    },
    thaw: (at) => void nodes[at]!.child?.kill('SIGCONT'),
    close,
  }
}

function clusterArgs(nodes: readonly Node[], at: number): string[] {
  const uriOf = ({ p2p }: Node) => `http://127.0.0.1:${p2p}`
  const own = ['--uri', uriOf(nodes[at]!)]
  return at === 0 ? own : ['--bootstrap', uriOf(nodes[0]!), ...own]
}

function spawnNode(
  node: Node,
  how: {
    readonly program: string
    readonly args: readonly string[]
    readonly env: Readonly<Record<string, string>>
  },
): void {
  const child = spawn(how.program, how.args, {
    cwd: node.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      RUN_MODE: 'local',
      QDRANT__TELEMETRY_DISABLED: 'true',
      QDRANT__SERVICE__HOST: '127.0.0.1',
      QDRANT__SERVICE__HTTP_PORT: String(node.http),
      QDRANT__SERVICE__GRPC_PORT: String(node.grpc),
      QDRANT__SERVICE__ENABLE_STATIC_CONTENT: 'false',
      QDRANT__STORAGE__STORAGE_PATH: join(node.folder, 'storage'),
      QDRANT__STORAGE__SNAPSHOTS_PATH: join(node.folder, 'snapshots'),
      ...(how.args.length > 0 && {
        QDRANT__CLUSTER__ENABLED: 'true',
        QDRANT__CLUSTER__P2P__PORT: String(node.p2p),
      }),
      ...how.env,
    },
  })
  node.child = child
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      node.printed = (node.printed + String(chunk)).slice(-20_000)
    })
}

async function killNode({ child }: Node): Promise<void> {
  if (child === null || child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

async function untilReady(node: Node): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS
  while (performance.now() < deadline) {
    if (node.child?.exitCode !== null) break
    const answer = await fetch(`http://127.0.0.1:${node.http}/readyz`, {
      signal: AbortSignal.timeout(2_000),
    }).catch(() => null)
    await answer?.body?.cancel()
    if (answer?.ok) return
    await pause(50)
  }
  throw new Error(`qdrant did not become ready:\n${node.printed}`)
}
